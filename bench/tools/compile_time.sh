#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the CPU seconds that compilers take for each public header. Measures a file that only includes it; the example
# in its comment; that example with the bodies compiled elsewhere (HOCKET_COMPILED, as with hocket::compiled); and a
# file that only includes oneTBB's header for the topic, where that is installed. Takes the minimum of several runs, in
# turns.
# usage: sh bench/tools/compile_time.sh [runs [compiler...]]      by default 3, and g++ and clang++ where they are found
cd "$(dirname "$0")/../.." || exit 1
runs=${1:-3}
[ $# -eq 0 ] || shift
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
if [ $# -eq 0 ]; then
    for compiler in g++ clang++; do
        command -v $compiler >/dev/null && set -- "$@" $compiler
    done
fi

counterpart_of() {
    case $1 in
    loop) echo parallel_for ;;
    reduce) echo parallel_reduce ;;
    scan) echo parallel_scan ;;
    sort) echo parallel_sort ;;
    join) echo parallel_invoke ;;
    future) echo task_group ;;
    graph) echo flow_graph ;;
    pipeline) echo parallel_pipeline ;;
    pool) echo task_arena ;;
    machine) echo info ;;
    esac
}

# Prints user and system time of the compiler, as the shell counts the time of its children; nothing if it fails.
seconds() {
    (
        "$compiler" -std=c++20 -O2 -Iinclude "$@" -o "$work/object" 2>"$work/errors" || exit 1
        times >"$work/times"
        awk 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/); print u[1] * 60 + u[2] + s[1] * 60 + s[2] }' "$work/times"
    )
}
measure() { # row, column, arguments of the compiler
    row=$1 column=$2
    shift 2
    if taken=$(seconds "$@"); then
        echo "$row $column $taken"
    else
        echo "$row $column -"
    fi
}

echo 'int main() {}' >"$work/nothing.cpp"
# Headers that no library of threads can do without.
for header in atomic condition_variable exception memory mutex stop_token string thread vector; do
    echo "#include <$header>"
done >"$work/standard.cpp"
for header in include/hocket/*.hpp; do
    topic=$(basename "$header" .hpp)
    echo "#include <hocket/$topic.hpp>" >"$work/$topic.include.cpp"
    awk '/^\/\/     #include/ { inside = 1 }
        inside && /^(\/\/ [^ ]|#pragma)/ { exit }
        inside { sub(/^\/\/( {5})?/, ""); print }' "$header" >"$work/$topic.example.cpp"
    echo "#include <oneapi/tbb/$(counterpart_of "$topic").h>" >"$work/$topic.tbb.cpp"
done

for compiler in "$@"; do
    run=0
    while [ "$run" -lt "$runs" ]; do
        measure . nothing -c "$work/nothing.cpp"
        measure . standard -c "$work/standard.cpp"
        for header in include/hocket/*.hpp; do
            topic=$(basename "$header" .hpp)
            measure "$topic" include -c "$work/$topic.include.cpp"
            measure "$topic" example -c "$work/$topic.example.cpp"
            if grep -q HOCKET_COMPILED include/hocket/base/config.hpp; then
                measure "$topic" compiled -DHOCKET_COMPILED -c "$work/$topic.example.cpp"
            fi
            if [ -n "$(counterpart_of "$topic")" ]; then
                measure "$topic" tbb -c "$work/$topic.tbb.cpp"
            fi
        done
        run=$((run + 1))
    done | awk -v compiler="$($compiler --version | head -n 1)" '
        { key = $1 " " $2 }
        !(key in least) || ($3 != "-" && $3 < least[key]) { least[key] = $3 }
        $1 != "." && !($1 in seen) { seen[$1] = 1; topics[++count] = $1 }
        function cell(key) { return key in least ? (least[key] == "-" ? "-" : sprintf("%.2f", least[key])) : "" }
        END {
            printf "%s, seconds; a file without headers %s, with headers for threads %s\n", compiler, cell(". nothing"), cell(". standard")
            printf "%-12s %8s %8s %9s %8s\n", "", "include", "example", "compiled", "oneTBB"
            for (i = 1; i <= count; ++i)
                printf "%-12s %8s %8s %9s %8s\n", topics[i], cell(topics[i] " include"), cell(topics[i] " example"),
                    cell(topics[i] " compiled"), cell(topics[i] " tbb")
        }'
done
