# SPDX-License-Identifier: MIT
# Checks the end of a job of MPI whose driver or worker fails: all ranks end, with the right exit code, and none is
# killed for the time limit of run_mpi.sh.
# Also checks other jobs whose ends matter.
# usage: ends.sh PROGRAM OTHER    OTHER is another program with a session
here=${0%/*}
program=$1
other=$2
failed=0
output=$(mktemp)
export SECONDS_LIMIT=60

# ends STATUS TEXT WHAT: checks that the exit code is STATUS, or not 0 if that is `bad`, and that the output has TEXT
ends() {
    sh "$here/run_mpi.sh" 3 "$program" "$3" >"$output" 2>&1
    status=$?
    [ $status -eq 77 ] && { cat "$output"; rm "$output"; exit 77; }
    case $1 in
    bad) [ $status -ne 0 ] && [ $status -ne 124 ] ;;
    *) [ $status -eq "$1" ] ;;
    esac && grep -qF "$2" "$output" && return
    echo "\"$3\" has ended with status $status and not $1, or its output lacks \"$2\":"
    cat "$output"
    failed=1
}

ends 0 "task 1" prints
ends 0 driver exits
ends 5 driver "exits with 5"
ends 4 driver "returns 4"
ends bad "thrown out of main" throws
ends bad driver "driver dies"
ends bad driver "worker dies"
ends 9 driver "worker exits"
ends 0 driver "task hangs"
ends bad "the first statement of main" "no session"
ends 0 passed pools
ends 0 passed programs
# Two programs in one job: each rank names the two builds.
timeout 60 sh "$here/run_mpi.sh" 1 "$program" calls : -n 1 "$other" >"$output" 2>&1
status=$?
for each in "$program" "$other"; do
    build=$(readelf -n "$each" | sed -n 's/^ *Build ID: //p')
    [ $status -ne 0 ] && [ $status -ne 124 ] && grep -qF "are different programs: build" "$output" &&
        grep -qF "build $build on " "$output" && continue
    echo "two programs in one job: status $status, or the output lacks build $build of $each:"
    cat "$output"
    failed=1
done
# Ranks in user namespaces of their own, as in containers, cannot open each other's descriptors.
if unshare -U -r true 2>/dev/null; then
    HOCKET_DISPLAY=1 sh "$here/run_mpi.sh" 3 unshare -U -r "$program" calls >"$output" 2>&1
    status=$?
    [ $status -eq 0 ] && grep -qF passed "$output" && [ "$(grep -c "in different namespaces" "$output")" -eq 1 ] || {
        echo "ranks in user namespaces of their own: status $status, or not one line about it:"
        cat "$output"
        failed=1
    }
    # shellcheck disable=SC2016
    sh "$here/run_mpi.sh" 3 unshare -U -r -u sh -c 'HOST_OF_RANK=host-${OMPI_COMM_WORLD_RANK-$PMI_RANK}
        export HOST_OF_RANK
        hostname "$HOST_OF_RANK" && exec "$@"' sh "$program" hosts >"$output" 2>&1
    status=$?
    [ $status -eq 0 ] && grep -qF passed "$output" || {
        echo "hosts of ranks: status $status:"
        cat "$output"
        failed=1
    }
else
    echo "skipped: ranks in user namespaces of their own (no right to make them)"
fi
# Runs outside of a launcher, with variables that launchers set.
tells() {
    env "$1" timeout 60 "$program" calls >"$output" 2>&1
    status=$?
    [ $status -ne 0 ] && [ $status -ne 124 ] && grep -qF "$2" "$output" && return
    echo "with $1 the program has ended with status $status, or its output lacks \"$2\":"
    cat "$output"
    failed=1
}
tells SLURM_STEP_NUM_TASKS=3 "Start the program by srun --mpi=pmix -n 3"
tells PMI_SIZE=3 "MPI finds one rank"

if pgrep -f "^$program" >/dev/null; then
    echo "there are still processes of $program"
    failed=1
fi
rm "$output"
exit $failed
