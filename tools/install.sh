#!/bin/sh
# tools/install.sh node|npm|chromium|prometheus|rabbitmq: installs what tests and some commands need, unless it is there: the npm tools (mail catcher, API test
# runner) beside this script, the rest from the system's packages, as root. Fails with one sentence as its last line.
cd "$(dirname "$0")" || exit 1

# $1 what is there afterwards, $2 packages, $3 the sentence for who has to install them.
install_packages() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "$3"
        exit 1
    fi
    # What a package would start for the whole system is held back: packages ask this first (invoke-rc.d(8)).
    policy=/usr/sbin/policy-rc.d
    if ! [ -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # several packages
    if ! output=$(apt-get update -qq 2>&1 && apt-get install -y -qq --no-install-recommends $2 2>&1) || ! command -v "$1" >/dev/null; then
        printf '%s\n' "$output"
        echo "$2 could not be installed: $(printf '%s' "$output" | tail -1)"
        exit 1
    fi
}

# Again only when the lock file has changed.
install_npm() {
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "node and npm are missing (Debian: apt-get install nodejs npm)"
        exit 1
    fi
    stamp=node_modules/.installed
    cmp -s package-lock.json "$stamp" && return
    if ! output=$(npm ci --no-progress --loglevel=error 2>&1 </dev/null); then
        printf '%s\n' "$output"
        echo "npm could not install maildev and newman (is the registry reachable?)"
        exit 1
    fi
    cp package-lock.json "$stamp"
}

case $1 in
    node) install_packages npm "nodejs npm" "node and npm are missing (Debian: apt-get install nodejs npm)" ;;
    npm) install_npm ;;
    chromium)
        command -v chromium >/dev/null || install_packages chromium-headless-shell chromium-headless-shell \
            "Chromium is missing: install the package chromium-headless-shell or chromium, so that it is in /usr/bin."
        ;;
    prometheus) install_packages promtool prometheus "Prometheus is missing: install the package prometheus (with promtool), so that both are in the PATH." ;;
    rabbitmq)
        install_packages /usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server \
            "RabbitMQ is missing: install the package rabbitmq-server, or name a broker with Events__RabbitMq__Url=amqp://user:password@host."
        ;;
    *)
        sed -n '2,3s/^# //p' install.sh
        exit 2
        ;;
esac
