# SPDX-License-Identifier: MIT
# Installs the missing packages that building hocket needs: on Debian and Ubuntu, as root or by sudo. Elsewhere it
# prints their names. The library itself needs a compiler and hwloc; `tests`, `examples` and `bench` name further needs;
# the tests run the examples.
# usage: install_dependencies.sh [tests] [examples] [bench]
compiler=${CXX:-c++}
missing=

# need PACKAGE command...: adds PACKAGE to the missing ones unless the command succeeds
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
has_header() {
    echo "#include <$1>" | "$compiler" -std=c++20 -E -x c++ -
}

need g++ "$compiler" --version
need cmake cmake --version
need ninja-build ninja --version
need libhwloc-dev has_header hwloc.h
for part in "$@"; do
    case $part in
    tests)
        need libgtest-dev has_header gtest/gtest.h
        need zlib1g-dev has_header zlib.h
        # Needs MPI, in any implementation.
        if ! command -v mpirun >/dev/null; then missing="$missing openmpi-bin libopenmpi-dev"; fi
        ;;
    examples) need zlib1g-dev has_header zlib.h ;;
    bench) need libbenchmark-dev has_header benchmark/benchmark.h ;;
    esac
done
[ -n "$missing" ] || exit 0

echo "Missing:$missing"
if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here: please install these (named as in Debian) by hand."
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Installing them takes root or sudo: apt-get install$missing"; exit 1; }
    as_root=sudo
fi
# shellcheck disable=SC2086
$as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
