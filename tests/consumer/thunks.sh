# SPDX-License-Identifier: MIT
# Sends calls from one process of a program to another through a file: functions, functors and lambdas of the program,
# of a static library, of a shared library and of a plugin, linked in the ways that change the names and addresses of
# code.
# usage: thunks.sh    with SOURCE, WORK (a folder to work in) and CXX set
set -eu
from=$SOURCE/tests/consumer/thunks
rm -rf "$WORK"
mkdir -p "$WORK"
cd "$WORK"
compile() {
    "$CXX" -std=c++20 -O1 -fPIC -Wall -Wextra -Werror -I"$SOURCE/include" "$@"
}
compile -c "$from/main.cpp" -o main.o
compile -DSEND=send_from_program -DPART=1 -c "$from/part.cpp" -o program.o
compile -DSEND=send_from_archive -DPART=2 -c "$from/part.cpp" -o archive.o
compile -DSEND=send_from_library -DPART=3 -c "$from/part.cpp" -o library.o
compile -DSEND=send_from_plugin -DPART=4 -fvisibility=hidden -c "$from/part.cpp" -o plugin.o
ar rcs libarchive.a archive.o
"$CXX" -shared library.o -o liblibrary.so -lhwloc -pthread -ldl
"$CXX" -shared plugin.o -o plugin.so -lhwloc -pthread -ldl

while read -r options; do
    # shellcheck disable=SC2086
    "$CXX" $options main.o program.o libarchive.a -L. -llibrary -Wl,-rpath,"$WORK" -lhwloc -pthread -ldl -o program
    if ! ./program send calls ./plugin.so || ! ./program run calls ./plugin.so; then
        echo "linked with: $options"
        exit 1
    fi
done <<OPTIONS

-rdynamic
-Wl,--gc-sections -s
-no-pie
-Wl,--build-id=none
OPTIONS
