# SPDX-License-Identifier: MIT
# Compiles and runs the example in the comment of each public header, that is, the indented lines at its top, in the
# compiled form; that of sim.hpp for the simulated machine.
# usage: topics.sh [topic...]    with SOURCE, WORK (a folder to work in) and CXX set
set -eu
rm -rf "$WORK"
mkdir -p "$WORK"
failed=0
# Compiles the bodies once, for all of the examples.
printf '#define HOCKET_SOURCE\n#include <hocket/hocket.hpp>\n#include <hocket/remote.hpp>\n' >"$WORK/bodies.cpp"
"$CXX" -std=c++20 -O1 -I"$SOURCE/include" -c "$WORK/bodies.cpp" -o "$WORK/bodies.o"
if [ $# -eq 0 ]; then
    for header in "$SOURCE"/include/hocket/*.hpp; do
        set -- "$@" "$(basename "$header" .hpp)"
    done
fi
for topic in "$@"; do
    awk '/^\/\/     #include/ { inside = 1 }
        inside && /^(\/\/ [^ ]|#pragma)/ { exit }
        inside { sub(/^\/\/( {5})?/, ""); print }' "$SOURCE/include/hocket/$topic.hpp" >"$WORK/$topic.cpp"
    form="-DHOCKET_COMPILED $WORK/bodies.o"
    [ "$topic" != sim ] || form=-DHOCKET_SIMULATED # with bodies of its own
    # shellcheck disable=SC2086 # two words
    if ! "$CXX" -std=c++20 -O0 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror \
        -I"$SOURCE/include" "$WORK/$topic.cpp" $form -o "$WORK/$topic" -lhwloc -pthread; then
        echo "the example of hocket/$topic.hpp does not compile"
        failed=1
    elif ! "$WORK/$topic"; then
        echo "the example of hocket/$topic.hpp fails"
        failed=1
    fi
done
exit $failed
