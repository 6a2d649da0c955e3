#!/bin/sh
# tools/k8s.sh <up | down | test | ingress | operator>: BookSaga on the cluster that kubectl speaks to.
#   NAMESPACE=booksaga  VALUES="file …"  SET="key=value …"  REGISTRY=host/path  TAG=version
cd "$(dirname "$0")/.." || exit 1
namespace=${NAMESPACE:-booksaga}
release=booksaga

need() {
    for tool; do
        command -v "$tool" >/dev/null || { echo "$tool is missing: install it and let it speak to your cluster (docs/operations.md)." >&2; exit 1; }
    done
    kubectl version --request-timeout=10s >/dev/null 2>&1 || { echo "No cluster answers: kubectl config current-context is '$(kubectl config current-context 2>/dev/null)'." >&2; exit 1; }
}

case ${1:-} in
    up)
        need helm kubectl
        [ -d deploy/chart/charts ] || helm dependency update deploy/chart >/dev/null || exit 1
        set -- --namespace "$namespace" --create-namespace
        for file in $VALUES; do set -- "$@" --values "$file"; done
        for pair in $SET; do set -- "$@" --set "$pair"; done
        [ -z "$REGISTRY" ] || set -- "$@" --set "image.registry=$REGISTRY"
        [ -z "$TAG" ] || set -- "$@" --set-string "image.tag=$TAG"
        helm upgrade --install "$release" deploy/chart "$@" --timeout 15m --wait
        ;;
    down)
        need helm kubectl
        helm uninstall "$release" --namespace "$namespace" --wait --ignore-not-found
        echo "Volumes and the Secret booksaga-passwords are kept; delete them with: kubectl delete namespace $namespace"
        ;;
    test)
        need helm kubectl
        helm test "$release" --namespace "$namespace" --logs || exit 1
        # One kind after the other: kubectl gives nothing at all where the cluster does not know one of them.
        host=$(for entry in 'ingress rules[0].host' 'httproute hostnames[0]'; do
            kubectl --namespace "$namespace" get "${entry% *}" --output jsonpath="{.items[?(@.metadata.name==\"api\")].spec.${entry#* }}{.items[?(@.metadata.name==\"platform\")].spec.${entry#* }}" 2>/dev/null
        done)
        [ -n "$BOOKSAGA_URL" ] || BOOKSAGA_URL=${SCHEME:-http}://${host:?has the release an entry? Otherwise name its address with BOOKSAGA_URL=}
        if kubectl --namespace "$namespace" get deployment keycloak >/dev/null 2>&1; then
            [ -n "$BOOKSAGA_OPERATOR_PASSWORD" ] || BOOKSAGA_OPERATOR_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 24)
            OPERATOR_PASSWORD=$BOOKSAGA_OPERATOR_PASSWORD "$0" operator operator@example.com || exit 1
        fi
        : "${BOOKSAGA_OPERATOR_PASSWORD:?without Keycloak, name the password of operator@example.com with BOOKSAGA_OPERATOR_PASSWORD= (Identity:OperatorPassword of the embedded identity provider)}"
        export BOOKSAGA_URL BOOKSAGA_OPERATOR_PASSWORD
        tests/newman.sh
        ;;
    ingress)
        need helm kubectl
        set -- --namespace ingress-nginx --create-namespace --values deploy/ingress-nginx/values.yaml
        [ -z "$MONITORING" ] || set -- "$@" --set controller.metrics.serviceMonitor.enabled=true
        helm upgrade --install ingress-nginx ingress-nginx --repo https://kubernetes.github.io/ingress-nginx --version 4.15.1 "$@" --timeout 10m --wait
        ;;
    operator)
        # An account of Keycloak with the realm role operator: OPERATOR_PASSWORD=… tools/k8s.sh operator you@example.com
        need kubectl
        user=${2:?name an e-mail address}
        admin=$(kubectl --namespace "$namespace" get secret booksaga-passwords --output jsonpath='{.data.keycloak-admin}' | base64 --decode)
        # By standard input: what is on a command line can be read by others.
        printf '%s\n%s\n%s\n' "$admin" "$user" "${OPERATOR_PASSWORD:?give the password with OPERATOR_PASSWORD=}" | kubectl --namespace "$namespace" exec --stdin deploy/keycloak --container keycloak -- sh -c '
            read -r admin; read -r user; read -r password
            kcadm="/opt/keycloak/bin/kcadm.sh"; config="--config /tmp/kcadm.config"
            $kcadm config credentials $config --server http://localhost:8080 --realm master --user admin --password "$admin" >/dev/null || exit 1
            $kcadm create users $config --target-realm booksaga --set username="$user" --set email="$user" --set firstName=Olga --set lastName=Operator --set enabled=true --set emailVerified=true 2>/dev/null
            $kcadm set-password $config --target-realm booksaga --username "$user" --new-password "$password" && $kcadm add-roles $config --target-realm booksaga --uusername "$user" --rolename operator
            code=$?; rm -f /tmp/kcadm.config; exit $code' && echo "$user is an operator."
        ;;
    *)
        sed -n '2,3p' "$0" >&2
        exit 2
        ;;
esac
