#!/bin/sh
# Installs the Chromium browser for the tests of the web from the system's packages, as root. Fails with one sentence as its last line.
[ -x /usr/bin/chromium ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Chromium is missing: install the package chromium, so that /usr/bin/chromium is there."
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
if ! output=$(apt-get update -qq 2>&1 && apt-get install -y -qq --no-install-recommends chromium 2>&1) || ! [ -x /usr/bin/chromium ]; then
    printf '%s\n' "$output"
    echo "Chromium is missing and could not be installed: $(printf '%s' "$output" | tail -1)"
    exit 1
fi
