#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the examples and runs all of them, or only the named ones, one after the other. Installs missing packages.
# usage: sh examples/run.sh [name...]
cd "$(dirname "$0")/.." || exit 1
sh cmake/install_dependencies.sh examples || exit 1

mkdir -p build
cmake --preset release -B build/examples -DHOCKET_TESTS=OFF -DHOCKET_BENCH=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=OFF \
    >build/examples.log 2>&1 ||
    { cat build/examples.log; exit 1; }
cmake --build build/examples || exit 1

if [ $# -eq 0 ]; then
    for source in examples/*.cpp; do
        set -- "$@" "$(basename "$source" .cpp)"
    done
fi
status=0
cd build/examples/examples || exit 1
for name in "$@"; do
    printf '\n== %s: ' "$name"
    sed -n '2s|^// ||p' "../../../examples/$name.cpp"
    "./$name" || { echo "-- $name failed"; status=1; }
done
exit $status
