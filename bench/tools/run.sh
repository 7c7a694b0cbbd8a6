#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds all benchmarks and prints the table of figures, the instructions per join and the compile time of each public
# header. Options go to bench_figures: --rounds=N, --rows=REGEX, --libraries=a,b, --medians, --csv=FILE.
# HOCKET_BENCH_BUILD names another build folder, HOCKET_BENCH_QUIET a command that waits for a quiet machine.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${HOCKET_BENCH_BUILD:-$root/build/bench}
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DHOCKET_BENCH=ON -DHOCKET_TESTS=OFF -DHOCKET_EXAMPLES=OFF \
    | grep '^-- Benchmarks' || true
cmake --build "$build" -j "$(nproc)" >&2
status=0
${HOCKET_BENCH_QUIET:-} "$build/bench/bench_figures" "$@" || status=$?
"$root/bench/tools/instructions.sh" "$build/bench"
"$root/bench/tools/compile_time.sh" 1 "${CXX:-c++}"
exit $status
