# SPDX-License-Identifier: MIT
# Checks that a small program compiles without warnings, and runs, with every combination of an installed compiler,
# standard library and language standard. In Debian: g++-12, clang-16, clang-19, and libc++-19-dev with
# libc++abi-19-dev.
# usage: compilers.sh ROOT [COMPILER [STANDARD]...]    by default all that are installed, with C++20 and C++23
set -u
root=$1
shift
compilers=${1:-}
[ $# -eq 0 ] || shift
standards=${*:-20 23}
if [ -z "$compilers" ]; then
    for name in g++-12 g++-13 g++-14 g++-15 clang++-14 clang++-16 clang++-17 clang++-18 clang++-19 clang++-20; do
        command -v "$name" >/dev/null && compilers="$compilers $name"
    done
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

try() {
    label="$compiler $library C++$standard"
    if ! "$compiler" $library "-std=c++$(echo "$standard" | sed 's/23/2b/')" -O1 -Wall -Wextra -Wpedantic -Wshadow -Werror \
        "-I$root/include" "$root/tests/consumer/smoke.cpp" -o "$work/smoke" -lhwloc -pthread; then
        echo "$label: does not compile"
        failed=1
    elif ! "$work/smoke"; then
        echo "$label: compiles, but the program fails"
        failed=1
    else
        echo "$label: good"
    fi
}

for compiler in $compilers; do
    for standard in $standards; do
        library=
        try
        library=-stdlib=libc++
        case $compiler in *clang*) echo '#include <vector>' >"$work/probe.cpp" ;; *) continue ;; esac
        "$compiler" "$library" -Werror -fsyntax-only "$work/probe.cpp" 2>/dev/null && try
    done
done
exit $failed
