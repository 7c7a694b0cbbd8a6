# SPDX-License-Identifier: MIT
# Compiles a file and checks the section of its function `warm`. The compiler must not put it, or loops that were
# inlined there, among the code that it takes for seldom run and optimises for size.
# usage: warm_callers.sh file.cpp compiler option...
source=$1
shift
assembly=$(mktemp)
trap 'rm -f "$assembly"' EXIT
"$@" -std=c++20 -DNDEBUG -S -o "$assembly" "$source" || exit 1
awk '
    /^[ \t]*[.](text|section|previous)/ { section = $0 }
    /^warm:/ { found = 1; print section; cold = section ~ /unlikely|cold/ }
    END {
        if (!found) print "there is no function warm"
        if (cold) print "warm: is taken for cold code"
        exit !found || cold
    }' "$assembly"
