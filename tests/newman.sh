#!/usr/bin/env bash
# Runs every collection of newman/ against BOOKSAGA_URL; each assertion counts as one test. One line "passed failed" per collection goes to the
# file $1, if given, and the names of what failed to $1.failed; $2 is a word for the printed lines. Exit code 3: some failed; 1: it could not run.
set -uo pipefail
cd "$(dirname "$0")/.."

if ! reason=$(tools/install.sh node && tools/install.sh npm); then
    echo "newman was not run: ${reason##*$'\n'}"
    exit 1
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
failures=0
for collection in newman/*.postman_collection.json; do
    name=$(basename "$collection" .postman_collection.json)
    : >"$report"
    output=$(timeout -k 10 10m node tools/node_modules/newman/bin/newman.js run "$collection" \
        --env-var "baseUrl=$BOOKSAGA_URL" --env-var "base_url=$BOOKSAGA_URL" --env-var "url=$BOOKSAGA_URL" \
        --env-var "operatorPassword=${BOOKSAGA_OPERATOR_PASSWORD:-}" \
        --timeout-request 30000 --color off --reporters cli,json --reporter-json-export "$report" 2>&1 </dev/null)
    # Failures hold failed assertions, unanswered requests and broken scripts alike.
    if ! counts=$(node -e '
        const { run } = JSON.parse(require("fs").readFileSync(process.argv[1]));
        const { total, failed } = run.stats.assertions;
        console.log(total - failed, total === 0 ? 1 : run.failures.length);
        for (const { error, source } of run.failures) console.log(`${source?.name}: ${error.test ?? error.name}: ${error.message}`);' "$report" 2>/dev/null); then
        counts="0 1"
    fi
    # The first line counts, the others name.
    { read -r passed failed; named=$(cat); } <<<"$counts"
    if [ "$failed" -gt 0 ]; then
        printf '%s\n' "$output"
        if [ -n "${1:-}" ]; then sed "s|^|newman/$name${2:+/$2}: |" <<<"${named:-it ran no test}" >>"$1.failed"; fi
    fi
    printf '%-24s %4d passed %3d failed\n' "newman/$name${2:+/$2}" "$passed" "$failed"
    if [ -n "${1:-}" ]; then echo "$passed $failed" >>"$1"; fi
    failures=$((failures + failed))
done
[ "$failures" -eq 0 ] || exit 3
