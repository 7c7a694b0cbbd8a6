# SPDX-License-Identifier: MIT
# Prints the CPU seconds that the compiler takes for a file with one parallel_for, beside the same file with the loop
# written out and only standard headers: least of several runs each, taken in turns.
# usage: sh bench/tools/compile_time.sh [compiler] [runs]
cd "$(dirname "$0")/../.." || exit 1
compiler=${1:-c++}
runs=${2:-7}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

cat >"$work/with_hocket.cpp" <<'END'
#include <hocket/algorithm/parallel_for.hpp>
void scale(double* x, long n) { hocket::parallel_for(0L, n, [&](long i) { x[i] *= 2; }); }
END
# What any library of threads cannot do without.
cat >"$work/standard_headers.cpp" <<'END'
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>
void scale(double* x, long n) { for (long i = 0; i < n; ++i) x[i] *= 2; }
END
echo 'void scale(double* x, long n) { for (long i = 0; i < n; ++i) x[i] *= 2; }' >"$work/no_header.cpp"

# User and system time of the compiler, as the shell counts the time of its children.
seconds() {
    (
        "$compiler" -std=c++20 -O3 -Iinclude -c "$work/$1.cpp" -o "$work/$1.o" || exit 1
        times >"$work/times"
        awk 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/); print u[1] * 60 + u[2] + s[1] * 60 + s[2] }' "$work/times"
    )
}

run=0
while [ "$run" -lt "$runs" ]; do
    for file in no_header standard_headers with_hocket; do
        echo "$file $(seconds $file)"
    done
    run=$((run + 1))
done | awk '
    NF < 2 { exit 1 }
    !($1 in least) || $2 < least[$1] { least[$1] = $2 }
    END {
        printf "no header         %.2f s\n", least["no_header"]
        printf "standard headers  %.2f s\n", least["standard_headers"]
        printf "with hocket       %.2f s  %.2fx of standard headers\n",
            least["with_hocket"], least["with_hocket"] / least["standard_headers"]
    }'
