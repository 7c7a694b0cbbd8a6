# SPDX-License-Identifier: MIT
# Builds plugins and programs whose copies of hocket do not share their symbols, and uses them in many orders: the
# process has one default pool.
# usage: plugins.sh    with SOURCE, WORK (a folder to work in) and CXX set
set -eu
from=$SOURCE/tests/consumer/plugins
rm -rf "$WORK"
mkdir -p "$WORK"
cd "$WORK"
compile() {
    "$CXX" -std=c++20 -O1 -fPIC -Wall -Wextra -Werror -I"$SOURCE/include" "$@"
}
link() {
    "$CXX" "$@" -lhwloc -pthread -ldl
}

compile -c "$from/main.cpp" -o main.o
link main.o -o plain # exports no symbols
link main.o -rdynamic -o exports
compile -fvisibility=hidden -c "$from/plugin.cpp" -o plugin.o
link -shared plugin.o -o hidden1.so
cp hidden1.so hidden2.so
compile -DNDEBUG -fvisibility=default $(: | "$CXX" -x c++ -fno-gnu-unique -E - >/dev/null 2>&1 && echo -fno-gnu-unique) \
    -c "$from/plugin.cpp" -o visible.o
link -shared visible.o -o visible.so

export HOCKET_NUM_THREADS=3 HOCKET_BIND=none
a=./hidden1.so b=./hidden2.so c=./visible.so
for program in ./plain ./exports; do
    while read -r order; do
        # shellcheck disable=SC2086
        $program $order >output 2>&1 || { echo "$program $order"; cat output; exit 1; }
    done <<ORDERS
+$a +$b +$c
self $a $b $c -$a -$b -$c self $a
$a -$a $b -$b self $c -$c $a
$a self -$a self $b
self $a fork self $a $b
$a $b fork $b self
ORDERS
done
