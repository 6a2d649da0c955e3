#!/bin/sh
# Installs the npm tools (mail catcher, API test runner) beside this script, again only when their lock file has changed.
# Fails with one sentence as its last line.
cd "$(dirname "$0")" || exit 1
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "node and npm are missing (Debian: apt-get install nodejs npm)"
    exit 1
fi
stamp=node_modules/.installed
cmp -s package-lock.json "$stamp" && exit 0
if ! output=$(npm ci --no-progress --loglevel=error 2>&1 </dev/null); then
    printf '%s\n' "$output"
    echo "npm could not install maildev and newman (is the registry reachable?)"
    exit 1
fi
cp package-lock.json "$stamp"
