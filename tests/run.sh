#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and runs all tests: optimised, under AddressSanitizer with UndefinedBehaviorSanitizer, and under
# ThreadSanitizer. Installs missing packages. One run of ctest over all of the builds comes last and decides the result.
# usage: [WARNINGS_ARE_ERRORS=ON] sh tests/run.sh [preset...]
cd "$(dirname "$0")/.." || exit 1
sh cmake/install_dependencies.sh tests bench || exit 1
[ $# -gt 0 ] || set -- release asan tsan

# ThreadSanitizer of older compilers cannot start where the kernel scatters addresses over more than 28 bits.
launcher=
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ] && setarch -R true 2>/dev/null; then
    launcher="setarch;-R"
fi

mkdir -p build/all
: >build/all/CTestTestfile.cmake
for preset in "$@"; do
    echo "== building $preset"
    case $preset in
    *tsan) cmake --preset "$preset" -DHOCKET_TEST_LAUNCHER="$launcher" ;;
    *) cmake --preset "$preset" -DCMAKE_COMPILE_WARNING_AS_ERROR="${WARNINGS_ARE_ERRORS:-OFF}" ;;
    esac && cmake --build --preset "$preset" -- -k 0
    # The first test of each build is that it was built.
    printf 'add_test("%s_builds" "test" "%s" "-eq" "0")\nsubdirs("../%s")\n' "$preset" $? "$preset" \
        >>build/all/CTestTestfile.cmake
done

# Prints only the failing tests of a program with hundreds of tests.
export GTEST_BRIEF=1

echo "== testing $*"
{
    # Most tests count as two jobs.
    ctest --test-dir build/all --output-on-failure --no-label-summary -j "$((2 * $(nproc)))"
    echo $? >build/all/result
} | tee build/all/output
[ "$(cat build/all/result)" = 0 ] && exit

# What failing tests have printed comes once more at the end of a long log, with the summary.
awk '
    / Test +#[0-9]+: / { prints = !/ Passed / && !/\*\*\*Skipped / }
    /^ *Start +[0-9]+: / { prints = 0 }
    /^[0-9]+% tests passed/ { prints = 1 }
    prints' build/all/output
exit "$(cat build/all/result)"
