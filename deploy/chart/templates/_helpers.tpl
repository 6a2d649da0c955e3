{{/* "true" when the service `name` of the chart `root` is to be there: switched on, and nothing stands in its place. */}}
{{- define "booksaga.enabled" -}}
{{- $service := index .root.Values.services .name -}}
{{- if and $service.enabled (not (and $service.unless (index .root.Values $service.unless "enabled"))) -}}true{{- end -}}
{{- end }}

{{/* The labels by which `name` is selected. */}}
{{- define "booksaga.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component | default "server" }}
{{- end }}

{{/* All labels of `name`. */}}
{{- define "booksaga.labels" -}}
{{ include "booksaga.selector" . }}
app.kubernetes.io/part-of: booksaga
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The image of the service `name`. */}}
{{- define "booksaga.image" -}}
{{- $image := .root.Values.image -}}
{{- if $image.registry }}{{ $image.registry }}/{{ end }}{{ $image.repository }}/{{ .name }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "booksaga.scheme" -}}
{{- if .Values.tls.enabled }}https{{ else }}http{{ end -}}
{{- end }}

{{- define "booksaga.publicUrl" -}}
{{ include "booksaga.scheme" . }}://{{ .Values.hosts.platform }}
{{- end }}

{{- define "booksaga.identityUrl" -}}
{{ include "booksaga.scheme" . }}://{{ .Values.hosts.identity }}
{{- end }}

{{/* The `iss` of tokens, as the outside knows it. */}}
{{- define "booksaga.issuer" -}}
{{ include "booksaga.identityUrl" . }}/realms/booksaga
{{- end }}

{{/* The service that is the identity provider. */}}
{{- define "booksaga.identityService" -}}
{{- if .Values.keycloak.enabled }}keycloak{{ else }}identity{{ end -}}
{{- end }}

{{/* The host of the database server that holds `cluster`. */}}
{{- define "booksaga.databaseHost" -}}
{{- if eq .root.Values.postgresql.mode "CloudNativePG" }}{{ .cluster }}-rw{{ else if eq .root.Values.postgresql.mode "External" }}{{ .root.Values.postgresql.external.host }}{{ else }}postgres{{ end -}}
{{- end }}

{{- define "booksaga.databasePort" -}}
{{- if eq .Values.postgresql.mode "External" }}{{ .Values.postgresql.external.port }}{{ else }}5432{{ end -}}
{{- end }}

{{/* Every database with its cluster, as a YAML list. */}}
{{- define "booksaga.databases" -}}
{{- range $name, $service := .Values.services }}
{{- if and $service.database (include "booksaga.enabled" (dict "root" $ "name" $name)) }}
- name: {{ $service.database.name }}
  cluster: {{ $service.database.cluster }}
{{- end }}
{{- end }}
{{- if .Values.keycloak.enabled }}
- name: {{ .Values.keycloak.database.name }}
  cluster: {{ .Values.keycloak.database.cluster }}
{{- end }}
{{- end }}

{{/* What may write nothing and has no rights; `uid` is the image's own user. */}}
{{- define "booksaga.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .gid | default .uid }}
fsGroup: {{ .gid | default .uid }}
# At each mount Kubernetes would make every file readable for the group otherwise, and Erlang refuses such a cookie.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "booksaga.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Replicas of one thing on different nodes and zones, where there are such. */}}
{{- define "booksaga.spread" -}}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "booksaga.selector" $ | nindent 6 }}
{{- end }}
{{- end }}

{{- define "booksaga.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range $name := . }}
  - name: {{ $name }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The settings of the service `name` that are no secrets. */}}
{{- define "booksaga.env" -}}
{{- $values := .root.Values }}
{{- $service := index $values.services .name }}
{{- $shutdown := $service.shutdown | default $values.defaults.shutdown }}
- { name: DOTNET_EnableDiagnostics, value: "0" }
- { name: Secrets__Directory, value: /run/secrets/booksaga }
- { name: Listen__Address, value: 0.0.0.0 }
- { name: Listen__HttpPort, value: "8080" }
- { name: Listen__MetricsPort, value: "9090" }
{{- if $service.grpc }}
- { name: Listen__GrpcPort, value: "8081" }
{{- end }}
- { name: Shutdown__Delay, value: {{ printf "00:00:%02d" (int $shutdown.delay) | quote }} }
- { name: Shutdown__Timeout, value: {{ printf "00:00:%02d" (int $shutdown.timeout) | quote }} }
- { name: Auth__Issuer, value: {{ include "booksaga.issuer" .root | quote }} }
- { name: Auth__Authority, value: {{ printf "http://%s:8080/realms/booksaga" (include "booksaga.identityService" .root) | quote }} }
{{- with $service.client }}
- { name: Auth__ClientId, value: {{ .id }} }
{{- end }}
{{- range $other := $service.calls }}
- { name: {{ printf "Services__%s" $other }}, value: {{ printf "dns:///%s-grpc:8081" $other | quote }} }
{{- end }}
{{- if and $service.events (ne $values.rabbitmq.mode "None") }}
- { name: Events__Transport, value: RabbitMq }
{{- end }}
{{- if $service.mail }}
{{- if $values.mailpit.enabled }}
- { name: Mail__Smtp, value: "smtp://mailpit:1025" }
{{- else if $values.mail.smtp }}
- { name: Mail__Smtp, value: {{ $values.mail.smtp | quote }} }
{{- end }}
- { name: Mail__Currency, value: {{ $values.mail.currency | quote }} }
- { name: Mail__TimeZone, value: {{ $values.mail.timeZone | quote }} }
- { name: Mail__Language, value: {{ $values.mail.language | quote }} }
- { name: Mail__PublicUrl, value: {{ include "booksaga.publicUrl" .root | quote }} }
{{- end }}
{{- if or $service.mail $service.api }}
- { name: Mail__From, value: {{ $values.mail.from | quote }} }
- { name: Mail__AppointmentLength, value: {{ $values.mail.appointmentLength | quote }} }
{{- end }}
{{- if $service.front }}
{{- range $other, $behind := $values.services }}
{{- if not (or $behind.front $behind.realm) }}
- { name: {{ printf "Backends__%s" $other }}, value: {{ printf "http://%s:8080" $other | quote }} }
{{- end }}
{{- end }}
- { name: Backends__identity, value: {{ printf "http://%s:8080" (include "booksaga.identityService" .root) | quote }} }
{{- if $values.mailpit.enabled }}
- { name: Links__Mail, value: {{ printf "%s://%s" (include "booksaga.scheme" .root) $values.hosts.mail | quote }} }
{{- end }}
{{- end }}
{{- if $service.api }}
- { name: Web__PublicUrl, value: {{ include "booksaga.publicUrl" .root | quote }} }
- { name: Web__ApiUrl, value: {{ printf "http://%s:8080" (include "booksaga.apiService" .root) | quote }} }
- { name: Web__Currency, value: {{ $values.mail.currency | quote }} }
- { name: Web__TimeZone, value: {{ $values.mail.timeZone | quote }} }
{{- end }}
{{- if $service.realm }}
- { name: PUBLIC_URL, value: {{ include "booksaga.publicUrl" .root | quote }} }
{{- end }}
{{- range $key, $value := $values.defaults.env }}
- { name: {{ $key }}, value: {{ $value | quote }} }
{{- end }}
{{- range $key, $value := $service.env }}
- { name: {{ $key }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{/* The service that the entry sends the API's requests to. */}}
{{- define "booksaga.gatewayService" -}}
{{- if .Values.krakend.enabled }}krakend{{ else }}gateway{{ end -}}
{{- end }}

{{/* The service by which the web reaches the API, live events included. */}}
{{- define "booksaga.apiService" -}}
{{- if .Values.services.gateway.enabled }}gateway{{ else }}krakend{{ end -}}
{{- end }}

{{/* The volume of the service's secrets: each file is a setting. */}}
{{- define "booksaga.secretsVolume" -}}
- name: secrets
  projected:
    defaultMode: 288 # 0440
    sources:
      - secret: { name: {{ .name }}-settings }
      {{- range $extra := .extra }}
      - secret: { name: {{ $extra }} }
      {{- end }}
{{- end }}

{{/* What the outside may reach, as a YAML list: name, host, the service behind it, its paths. `regex`: a path is an expression. */}}
{{- define "booksaga.routes" -}}
{{- $values := .Values }}
{{- if $values.krakend.enabled }}
- name: events
  host: {{ $values.hosts.platform }}
  service: customer
  port: 8080
  regex: true
  paths: ["/api/v1/customer/bookings/[^/]+/events"]
- name: api
  host: {{ $values.hosts.platform }}
  service: krakend
  port: 8080
  paths: [/api/v1]
{{- if $values.services.gateway.enabled }}
- name: docs
  host: {{ $values.hosts.platform }}
  service: gateway
  port: 8080
  paths: [/docs, /openapi]
{{- end }}
{{- if $values.services.web.enabled }}
- name: web
  host: {{ $values.hosts.platform }}
  service: web
  port: 8080
  paths: [/]
{{- end }}
{{- else }}
- name: platform
  host: {{ $values.hosts.platform }}
  service: gateway
  port: 8080
  paths: [/]
{{- end }}
- name: identity
  host: {{ $values.hosts.identity }}
  service: {{ include "booksaga.identityService" . }}
  port: 8080
  paths: [/realms, /resources]
{{- if $values.mailpit.enabled }}
- name: mail
  host: {{ $values.hosts.mail }}
  service: mailpit
  port: 8025
  paths: [/]
{{- end }}
{{- if index $values "kube-prometheus-stack" "enabled" }}
- name: grafana
  host: {{ $values.hosts.grafana }}
  service: {{ .Release.Name }}-grafana
  port: 80
  paths: [/]
{{- end }}
{{- end }}
