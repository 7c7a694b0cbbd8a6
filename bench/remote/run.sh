#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints one table: calls, actors and values of hocket on threads, on worker processes and on two ranks of MPI, beside
# multiprocessing, mpi4py.futures and Ray, where they are installed. All run in turns. The table shows the best of the
# rounds: the minimum for times and idle processors.
# usage: sh bench/remote/run.sh [rounds]     HOCKET_BENCH_BUILD names another build folder;
#                                            PYTHON the interpreter of the peers
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${HOCKET_BENCH_BUILD:-$root/build/bench}
python=${PYTHON:-python3}
rounds=${1:-3}
results=$(mktemp)
trap 'rm -f "$results"' EXIT

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DHOCKET_BENCH=ON -DHOCKET_TESTS=OFF -DHOCKET_EXAMPLES=OFF >/dev/null
cmake --build "$build" -j "$(nproc)" --target remote_benchmarks >&2

mpi="mpirun --oversubscribe -n 2"
[ "$(id -u)" -ne 0 ] || mpi="$mpi --allow-run-as-root"

measure() { # column, command...
    column=$1
    shift
    "$@" 2>"$results.errors" | sed "s|^|$column	|" >>"$results" ||
        echo "$column: ended with an error: $(head -n 3 "$results.errors")" >&2
    rm -f "$results.errors"
}

cd "$here/peers"
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    for program in remote_calls remote_patterns; do
        measure threads env HOCKET_ENGINE=threads "$build/bench/remote/$program"
        measure processes env HOCKET_ENGINE=processes "$build/bench/remote/$program"
        if [ -x "$build/bench/remote/${program}_mpi" ] && command -v mpirun >/dev/null; then
            measure MPI $mpi "$build/bench/remote/${program}_mpi"
        fi
    done
    ! command -v "$python" >/dev/null || measure multiprocessing "$python" multiprocessing_calls.py
    if "$python" -c 'import mpi4py.futures' 2>/dev/null; then
        measure mpi4py $mpi "$python" -m mpi4py.futures mpi4py_calls.py
    fi
    ! "$python" -c 'import ray, numpy' 2>/dev/null || measure Ray "$python" ray_calls.py
done

awk -F'\t' '
    !($1 in is_column) { is_column[$1] = 1; column[++columns] = $1 }
    !($2 in unit) { unit[$2] = $4; row[++rows] = $2 }
    {
        key = $1 SUBSEP $2
        falls = $4 ~ /^(ms|us)/
        if (!(key in best) || (falls ? $3 + 0 < best[key] + 0 : $3 + 0 > best[key] + 0)) best[key] = $3
    }
    END {
        printf "| row | unit |"
        for (c = 1; c <= columns; ++c) printf " %s |", column[c]
        printf "\n|---|---|"
        for (c = 1; c <= columns; ++c) printf "---|"
        print ""
        for (r = 1; r <= rows; ++r) {
            printf "| %s | %s |", row[r], unit[row[r]]
            for (c = 1; c <= columns; ++c) printf " %s |", best[column[c], row[r]]
            print ""
        }
    }' "$results"
