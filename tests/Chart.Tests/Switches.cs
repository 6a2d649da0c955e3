namespace BookSaga.Chart.Tests;

/// <summary>Values that are laid over the chart's own, one for every switch that there is.</summary>
internal static class Switches
{
    public static readonly string Production = Repository("values-production.yaml");

    /// <summary>By what they do.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["try-out"] = "{}",
        ["production"] = Production,
        ["gateway api"] = "entry: { kind: HTTPRoute }",
        ["gateway api over https, gateway of your own"] = "{ entry: { kind: HTTPRoute, gateway: { create: false } }, tls: { enabled: true, issuer: { kind: Issuer, name: ca } } }",
        ["gateway api over https"] = "{ entry: { kind: HTTPRoute }, tls: { enabled: true } }",
        ["no entry"] = "entry: { kind: None }",
        ["https with a certificate of your own"] = "tls: { enabled: true }",
        ["images from a registry"] = "image: { registry: 'registry.example:5000', tag: 1.2.3, pullPolicy: Always, pullSecrets: [registry] }",
        ["secrets of your own"] = "secrets: { create: false }",
        ["passwords of your own"] = "secrets: { existingPasswords: mine }",
        ["autoscaling"] = "defaults: { autoscaling: { enabled: true } }",
        ["traces"] = "defaults: { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' } }",
        ["embedded identity"] = "keycloak: { enabled: false }",
        ["own gateway"] = "krakend: { enabled: false }",
        ["everything our own"] = "{ keycloak: { enabled: false }, krakend: { enabled: false }, rabbitmq: { mode: None }, mailpit: { enabled: false }, mail: { smtp: 'smtp://mail.example:25' } }",
        ["KrakenD alone"] = "services: { gateway: { enabled: false } }",
        ["no web"] = "services: { web: { enabled: false } }",
        ["no web, own gateway"] = "{ services: { web: { enabled: false } }, krakend: { enabled: false } }",
        ["external database"] = "postgresql: { mode: External, external: { host: db.example } }",
        ["CloudNativePG"] = "postgresql: { mode: CloudNativePG, clusters: { postgres: { instances: 1 } } }",
        ["CloudNativePG, restored"] = """
            { postgresql: { mode: CloudNativePG, generation: 2, recovery: { enabled: true, from: 1, targetTime: '2026-11-26T10:00:00Z' },
              backup: { enabled: true, destinationPath: 's3://backup/', credentialsSecret: backup } } }
            """,
        ["storage class"] = "{ postgresql: { storage: { className: fast } }, rabbitmq: { storage: { className: fast } } }",
        ["broker by its operator"] = "rabbitmq: { mode: Operator, storage: { className: fast } }",
        ["external broker"] = "rabbitmq: { mode: External, external: { host: mq.example, port: 5671, tls: true } }",
        ["no broker"] = "rabbitmq: { mode: None }",
        ["monitoring"] = "monitoring: { enabled: true, labels: { release: prometheus }, runbooks: 'https://git.example/booksaga' }",
        ["monitoring of operators' parts"] = "{ monitoring: { enabled: true }, postgresql: { mode: CloudNativePG }, rabbitmq: { mode: Operator } }",
        ["prometheus of the chart's own"] = "{ monitoring: { enabled: true }, kube-prometheus-stack: { enabled: true } }",
        ["no network policies"] = "networkPolicies: { enabled: false }",
        ["no disruption budgets"] = "podDisruptionBudgets: { enabled: false }",
        ["a service's own numbers"] = """
            services: { booking: { replicas: 3, resources: { requests: { cpu: '1', memory: 1Gi }, limits: { memory: 2Gi } }, shutdown: { delay: 20, timeout: 40 },
              autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9, cpuPercent: 50 }, env: { Offers__CompleteInterval: '00:05:00' } } }
            """,
    };

    public static TheoryData<string> Names => [.. All.Keys];

    private static string Repository(string file) => Templates.Repository.Read("deploy", "chart", file);
}
