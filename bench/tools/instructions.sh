#!/bin/sh
# SPDX-License-Identifier: MIT
# Counts instructions per join by callgrind: fib(23) less fib(18), so that start and end of the process cancel out.
# Noise does not affect this number.
# usage: instructions.sh [folder of the programs]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
programs=${1:-$root/build/bench/bench}
if ! command -v valgrind >/dev/null; then
    echo "instructions per join: valgrind is not installed"
    exit 0
fi

# instructions PROGRAM N: prints the number of instructions that the program executes for fib(N).
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" "$2" 2>&1 >/dev/null \
        | sed -n 's/.*Collected : *\([0-9]*\).*/\1/p'
}

joins=$((46367 - 4180)) # fib(24) - 1 less fib(19) - 1
for library in serial hocket; do
    program=$programs/fib_once_$library
    [ -x "$program" ] || continue
    large=$(instructions "$program" 23)
    small=$(instructions "$program" 18)
    awk -v a="$large" -v b="$small" -v n="$joins" -v name="$library" \
        'BEGIN { printf "instructions per join, %s: %.2f\n", name, (a - b) / n }'
done
