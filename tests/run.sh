#!/usr/bin/env bash
# Builds everything, runs every test project and the API collection, each against servers of its own, and leaves nothing running.
# The last line is the total: "N passed, N failed"; before it, whatever failed is named once more. Exit code 0 only when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."
launcher=(dotnet artifacts/bin/Launcher/debug/BookSaga.Launcher.dll)
project_limit=30m # no project takes a third of it, on a slow machine half; a hanging one is a failure, not a hanging build

# The tests start many processes for a short time: what the compiler learns of them at run time does not pay, and threads that spin while they wait take the
# time of others.
export DOTNET_TieredPGO=0 DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0

# In the background and waited for, so that a signal is passed on at once and whoever is running clears up.
children=()
start() {
    "$@" &
    children+=($!)
}
run() {
    local code
    start "$@"
    wait "${children[-1]}"
    code=$?
    unset 'children[-1]'
    return $code
}
stop() {
    if [ ${#children[@]} -gt 0 ]; then kill -TERM "${children[@]}" 2>/dev/null; fi
    wait
    exit 130
}
trap stop INT TERM HUP

# What is to be run, what takes longest first: start whole platforms and wait for them.
list_jobs() {
    local project
    echo "run_project Saga"
    echo "run_project Web"
    echo "run_choreography"
    echo "run_chaos orchestration Direct 7"
    echo "run_chaos choreography RabbitMq 5"
    for project in Notification Hosting Launcher; do echo "run_project $project"; done
    echo "run_newman orchestration"
    echo "run_newman choreography"
}

# One process or none; a project that is named nowhere is one of them.
list_light_jobs() {
    local project
    for project in tests/*.Tests; do
        project=$(basename "$project" .Tests)
        case $project in Saga | Web | Notification | Hosting | Launcher) ;; *) echo "run_project $project" ;; esac
    done
}

# Inside `with --postgres-only`: two workers take jobs in turn, for the tests wait as much as they compute. A third one has only light jobs: three platforms at
# once would keep each other waiting.
run_all() {
    start tests/run.sh --worker "$results" "$queue" heavy light
    start tests/run.sh --worker "$results" "$queue" heavy light
    start tests/run.sh --worker "$results" "$queue" light
    wait
}

# Takes jobs of the first kind that has some left.
run_worker() {
    local kind job
    for kind in "$@"; do
        while job=$(flock "$queue" sh -c 'head -1 "$1"; sed -i 1d "$1"' - "$queue.$kind") && [ -n "$job" ]; do
            $job
        done
    done
}

# The bookings' tests once more, by events; but for those that set the mode themselves, and those that no booking's style concerns.
run_choreography() {
    local excluded=() class
    for class in Redelivery BrokerOutage WeeklyOffers NamedServices DeleteAccount ExportMyData Auditor; do excluded+=(-class- "BookSaga.Saga.Tests.${class}Tests"); done
    BOOKSAGA_SAGA_MODE=Choreography run_project Saga /choreography "${excluded[@]}"
}

# Keeps for the end what failed in project $1, by the output $2: each test's name and the beginning of what it says, or the project itself where none is named.
name_failed() {
    awk -v project="$1" '
        / \[FAIL\]$/ { sub(/^ */, ""); print project ": " $0; said = 0; named = 1; next }
        /^ *Stack Trace:/ || said >= 8 { said = 99 }
        named && said < 8 && !/^20[0-9][0-9]-/ { print; said++ }
        END { if (!named) print project }' "$2" >>"$results.failed"
}

# Counts job $1 as one failure.
fail_job() {
    echo "0 1" >>"$results"
    echo "$1" >>"$results.failed"
}

run_project() {
    local name=$1.Tests label=$1.Tests${2:-} output started
    shift $(($# > 1 ? 2 : 1))
    output=artifacts/logs/${label/\//-}.log
    started=$SECONDS
    run timeout -k 10 "$project_limit" dotnet "artifacts/bin/$name/debug/BookSaga.$name.dll" -noColor -noLogo "$@" >"$output" 2>&1 </dev/null
    local code=$? total=0 errors=0 failed=0 skipped=0
    # What the runner sums up: "BookSaga.X.Tests  Total: 20, Errors: 0, Failed: 1, Skipped: 0, Not Run: 0, Time: 1.2s"
    read -r total errors failed skipped < <(sed -nE 's/.* Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$output" | tail -1) || true
    local passed=$((${total:-0} - ${failed:-0} - ${skipped:-0}))
    failed=$((${failed:-0} + ${errors:-0}))
    # A project that crashed, hung or ran nothing has failed, whatever it says.
    if [ "$failed" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$passed" -le 0 ]; }; then failed=1; fi
    # What failed and where; the services' own log lines (they begin with a time) stay in the file.
    if [ "$failed" -gt 0 ]; then
        grep -vE '^20[0-9]{2}-' "$output" | tail -200
        echo "all of it: $output"
        name_failed "$label" "$output"
    fi
    printf '%-24s %4d passed %3d failed %3d skipped  %4d s\n' "$label" "$passed" "$failed" "${skipped:-0}" $((SECONDS - started))
    echo "$passed $failed" >>"$results"
}

# The API's collection; each of its assertions is a test.
run_newman() {
    MODE=$1 run "${launcher[@]}" with tests/newman.sh "$results" "$1"
    # 3: some assertions failed, and are counted already.
    case $? in 0 | 3) ;; *) fail_job "newman/$1: it could not run" ;; esac
}

# Real faults for a short while (`make chaos` is the long form): one test.
run_chaos() {
    local label=chaos/$1/$2 started=$SECONDS
    local output=artifacts/logs/${label//\//-}.log
    if run env MODE="$1" TRANSPORT="$2" DURATION=8 SEED="$3" CLIENTS=8 REPLICAS=2 timeout -k 10 10m "${launcher[@]}" chaos >"$output" 2>&1 </dev/null; then
        printf '%-24s %4d passed %3d failed %3d skipped  %4d s\n' "$label" 1 0 0 $((SECONDS - started))
        echo "1 0" >>"$results"
    else
        cat "$output"
        fail_job "$label"
    fi
}

# Replicas stopped and started again one by one under load (`make rolling` does it to all services): one test.
run_rolling() {
    local started=$SECONDS output=artifacts/logs/rolling.log
    if run env SEED=3 CLIENTS=6 REPLICAS=2 SERVICES="customer gateway" timeout -k 10 15m "${launcher[@]}" rolling >"$output" 2>&1 </dev/null; then
        printf '%-24s %4d passed %3d failed %3d skipped  %4d s\n' rolling 1 0 0 $((SECONDS - started))
        echo "1 0" >>"$results"
    else
        cat "$output"
        fail_job rolling
    fi
}

results=${2:-} queue=${3:-}
case ${1:-} in
    --all) run_all; exit 0 ;;
    --worker) run_worker "${@:4}"; exit 0 ;;
esac

results=$(mktemp)
queue=$(mktemp)
trap 'rm -f "$results" "$results.failed" "$queue" "$queue.heavy" "$queue.light"' EXIT

finish() {
    if [ -s "$results.failed" ]; then
        echo "What failed:"
        sed 's/^/  /' "$results.failed"
    fi
    awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' "$results"
    exit
}

if ! run tools/build.sh BookSaga.slnx; then
    fail_job "the build"
    finish
fi
# Before anything runs side by side; whoever needs what could not be installed says so.
for tool in node npm chromium rabbitmq prometheus; do run tools/install.sh $tool >/dev/null; done
mkdir -p artifacts/logs
list_jobs >"$queue.heavy"
list_light_jobs >"$queue.light"
run "${launcher[@]}" with --postgres-only tests/run.sh --all "$results" "$queue" || fail_job "the servers the tests share"
run_rolling # alone: no request may fail, and beside others one may wait too long
if [ -s "$queue.heavy" ] || [ -s "$queue.light" ]; then fail_job "a job that nobody took"; fi # somebody left without doing its work
finish
