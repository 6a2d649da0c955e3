#!/bin/sh
# Installs Prometheus and promtool from the system's packages, as root. The package would start a server for the whole system; that is held back.
# Fails with one sentence as its last line.
command -v prometheus >/dev/null && command -v promtool >/dev/null && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Prometheus is missing: install the package prometheus (with promtool), so that both are in the PATH."
    exit 1
fi
policy=/usr/sbin/policy-rc.d # asked by packages before they start anything (invoke-rc.d(8))
if ! [ -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
if ! output=$(apt-get update -qq 2>&1 && apt-get install -y -qq --no-install-recommends prometheus 2>&1) || ! command -v promtool >/dev/null; then
    printf '%s\n' "$output"
    echo "Prometheus is missing and could not be installed: $(printf '%s' "$output" | tail -1)"
    exit 1
fi
