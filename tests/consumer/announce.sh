# SPDX-License-Identifier: MIT
# Calls functions of a library that the program loads after its session has begun, on threads and in worker processes.
# usage: announce.sh    with SOURCE, WORK (a folder to work in) and CXX set
set -eu
from=$SOURCE/tests/consumer/announce
rm -rf "$WORK"
mkdir -p "$WORK"
cd "$WORK"
"$CXX" -std=c++20 -O1 -Wall -Wextra -Werror -I"$SOURCE/include" "$from/main.cpp" -lhwloc -pthread -ldl -o program
"$CXX" -std=c++20 -O1 -fPIC -shared "$from/plugin.cpp" -o plugin.so
./program ./plugin.so
HOCKET_CHECK_REMOTE=1 ./program ./plugin.so
HOCKET_ENGINE=processes HOCKET_PROCESSES=1 ./program ./plugin.so
HOCKET_ENGINE=processes HOCKET_PROCESSES=3 ./program ./plugin.so
