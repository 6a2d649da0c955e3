#!/bin/sh
# tools/install.sh node|npm|chromium|prometheus|rabbitmq|postgresql [VERSION]: installs what commands and tests need, unless it is there: the npm tools (mail
# catcher, API test runner) beside this script, the rest from the system's packages, as root. Fails with one sentence as its last line.
cd "$(dirname "$0")" || exit 1

# Another installation, such as the system's own updates, is waited for so many seconds.
lock_limit=120

# apt-get waits for dpkg's lock, but not for that of its own lists.
update_lists() {
    waited=0
    until output=$(LC_ALL=C apt-get update -qq 2>&1); do
        if [ $waited -ge $lock_limit ] || ! printf '%s' "$output" | grep -q "Could not get lock"; then
            printf '%s' "$output"
            return 1
        fi
        sleep 1
        waited=$((waited + 1))
    done
}

# $1 packages, $2 the sentence for who has to install them.
add_packages() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "$2"
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
    output=$(update_lists && apt-get install -y -qq --no-install-recommends -o "DPkg::Lock::Timeout=$lock_limit" $1 2>&1) || fail_to_add "$1"
}

fail_to_add() {
    printf '%s\n' "$output"
    echo "$1 could not be installed: $(printf '%s' "$output" | tail -1)"
    exit 1
}

# $1 what is there afterwards, $2 and $3 as above.
install_packages() {
    command -v "$1" >/dev/null && return
    add_packages "$2" "$3"
    command -v "$1" >/dev/null || fail_to_add "$2"
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
    postgresql)
        # Whether it is there its caller has seen: every version has a folder of its own.
        package=postgresql${2:+-$2}
        add_packages "$package" "PostgreSQL is missing: install the package $package."
        ;;
    *)
        sed -n '2,3s/^# //p' install.sh
        exit 2
        ;;
esac
