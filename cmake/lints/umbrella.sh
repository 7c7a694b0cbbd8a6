# SPDX-License-Identifier: MIT
# Lint: hocket/hocket.hpp includes every public header once, floor by floor. Public is a header that declares something
# of its own in namespace hocket itself, and not in hocket::detail alone.
# usage: umbrella.sh ROOT
cd "$1/include" || exit 1

{
    find hocket -name '*.hpp' ! -path hocket/hocket.hpp | sort | xargs awk '
        FNR == 1 { inside = 0 }
        /^namespace detail \{/ { inside = 0 }
        /^\}[ ]*\/\/ namespace/ { inside = /namespace detail$/ }
        inside && !/^($|\/\/|\}|namespace|(class|struct|enum class) [a-z_]+( : [a-z0-9_:]+)?;)/ { print "public " FILENAME; nextfile }
        /^namespace hocket \{/ { inside = 1 }'
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
