# SPDX-License-Identifier: MIT
# Lint: hocket/hocket.hpp includes every public header once, floor by floor. Public is a header that declares something
# in namespace hocket itself, and not in hocket::detail alone.
# usage: umbrella.sh ROOT
cd "$1/include" || exit 1

{
    grep -rlE --include='*.hpp' '^namespace hocket \{' hocket | grep -vx 'hocket/hocket.hpp' | sed 's|^|public |'
    sed -nE 's|^#include <(hocket/.*)>$|listed \1|p' hocket/hocket.hpp
} | awk '
    function complain(text) {
        print "include/hocket/hocket.hpp: " text
        failed = 1
    }
    BEGIN {
        n = split("base machine queue sched pool task algorithm", names, " ")
        for (i = 1; i <= n; ++i)
            floor[names[i]] = i
    }
    $1 == "public" { public[$2] = 1 }
    $1 == "listed" {
        if (listed[$2]++)
            complain("includes " $2 " twice")
        split($2, part, "/")
        if (floor[part[2]] < highest)
            complain($2 " comes after a higher floor")
        highest = floor[part[2]]
    }
    END {
        for (header in public)
            if (!(header in listed))
                complain("does not include " header)
        exit failed
    }'
