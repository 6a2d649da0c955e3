#!/usr/bin/env bash
# Builds everything, runs every test project and the API collection, each against servers of its own, and leaves nothing running.
# The last line is the total: "N passed, N failed". Exit code 0 only when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."
launcher=(dotnet artifacts/bin/Launcher/debug/BookSaga.Launcher.dll)
project_limit=15m # no project takes a third of it; a hanging one is a failure, not a hanging build

# In the background and waited for, so that a signal is passed on at once and whoever is running clears up.
child=
run() {
    "$@" &
    child=$!
    wait "$child"
    local code=$?
    child=
    return $code
}
trap 'if [ -n "$child" ]; then kill -TERM "$child"; wait "$child"; fi; exit 130' INT TERM HUP

# Inside `with --postgres-only`: two lanes side by side, for the tests wait more than they compute, each its projects in turn, one line
# "passed failed" each into $1. Each lane begins with what takes longest; a project named in neither is in the first.
run_projects() {
    local lane_one="Saga Notification Simulation Payment Company" lane_two="Web Hosting Customer Identity Gateway" project pids=()
    for project in tests/*.Tests; do
        project=$(basename "$project" .Tests)
        case " $lane_one $lane_two " in *" $project "*) ;; *) lane_one+=" $project" ;; esac
    done
    mkdir -p artifacts/logs
    trap 'kill -TERM "${pids[@]}" 2>/dev/null; wait; exit 130' INT TERM HUP
    # shellcheck disable=SC2086 # words, not names with blanks
    {
        tests/run.sh --lane "$1" $lane_one &
        pids+=($!)
        tests/run.sh --lane "$1" $lane_two &
        pids+=($!)
    }
    wait "${pids[@]}"
}

# The projects named from $2 on; the saga's tests in both of its modes.
run_lane() {
    local results=$1 project
    shift
    for project; do
        run_project "$results" "$project.Tests" ""
        if [ "$project" = Saga ]; then
            # But for those that set the mode themselves, and those that no booking's style concerns.
            BOOKSAGA_SAGA_MODE=Choreography run_project "$results" Saga.Tests /choreography \
                -class- BookSaga.Saga.Tests.RedeliveryTests -class- BookSaga.Saga.Tests.BrokerOutageTests \
                -class- BookSaga.Saga.Tests.WeeklyOffersTests -class- BookSaga.Saga.Tests.NamedServicesTests
        fi
    done
}

run_project() {
    local results=$1 name=$2 label=$2$3 output started
    shift 3
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
    if [ "$failed" -gt 0 ]; then grep -vE '^20[0-9]{2}-' "$output" | tail -200; echo "all of it: $output"; fi
    printf '%-24s %4d passed %3d failed %3d skipped  %4d s\n' "$label" "$passed" "$failed" "${skipped:-0}" $((SECONDS - started))
    echo "$passed $failed" >>"$results"
}

# Real faults for a short while (`make chaos` is the long form): one test.
run_chaos() {
    local label=chaos/$1/$2 started=$SECONDS
    local output=artifacts/logs/${label//\//-}.log
    if run env MODE="$1" TRANSPORT="$2" DURATION=12 SEED="$3" REPLICAS=2 timeout -k 10 5m "${launcher[@]}" chaos >"$output" 2>&1 </dev/null; then
        printf '%-24s %4d passed %3d failed %3d skipped  %4d s\n' "$label" 1 0 0 $((SECONDS - started))
        echo "1 0" >>"$results"
    else
        cat "$output"
        echo "0 1" >>"$results"
    fi
}

# Replicas stopped and started again one by one under load (`make rolling` does it to all services): one test.
run_rolling() {
    local started=$SECONDS output=artifacts/logs/rolling.log
    if run env SEED=3 REPLICAS=2 SERVICES="customer gateway" timeout -k 10 8m "${launcher[@]}" rolling >"$output" 2>&1 </dev/null; then
        printf '%-24s %4d passed %3d failed %3d skipped  %4d s\n' rolling 1 0 0 $((SECONDS - started))
        echo "1 0" >>"$results"
    else
        cat "$output"
        echo "0 1" >>"$results"
    fi
}

case ${1:-} in
    --projects) run_projects "$2"; exit ;;
    --lane) run_lane "${@:2}"; exit 0 ;;
esac

results=$(mktemp)
trap 'rm -f "$results"' EXIT

finish() {
    awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' "$results"
    exit
}

if ! run tools/build.sh BookSaga.slnx; then
    echo "0 1" >>"$results"
    finish
fi
run "${launcher[@]}" with --postgres-only tests/run.sh --projects "$results" || echo "0 1" >>"$results"
for mode in orchestration choreography; do
    MODE=$mode run "${launcher[@]}" with tests/newman.sh "$results" "$mode"
    # 3: some assertions failed, and are counted already.
    case $? in 0 | 3) ;; *) echo "0 1" >>"$results" ;; esac
    run_chaos "$mode" Direct 7
done
run_chaos choreography RabbitMq 5
run_rolling
finish
