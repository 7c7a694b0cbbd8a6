# SPDX-License-Identifier: MIT
# Lint: the headers in include/hocket/ itself are the public ones. hocket.hpp includes each other one once, except
# remote.hpp and sim.hpp, for which only some programs pay. Between them they include every inner header that
# declares a name in namespace hocket itself, and not only in hocket::detail. Examples, and programs that README.md
# shows, include no inner header.
# usage: umbrella.sh ROOT
cd "$1" || exit 1

{
    find include/hocket -mindepth 2 -name '*.hpp' | sort | xargs awk '
        FNR == 1 { inside = 0 }
        /^namespace detail \{/ { inside = 0 }
        /^\}[ ]*\/\/ namespace/ { inside = /namespace detail$/ }
        inside && !/^($|\/\/|\}|namespace|(class|struct|enum class) [a-z_]+( : [a-z0-9_:]+)?;)/ { print "public " FILENAME; nextfile }
        /^namespace hocket::inline [A-Za-z_0-9]+ \{/ { inside = 1 }'
    ls include/hocket/*.hpp | sed -E '/\/hocket[.]hpp$/d; s|^|topic |'
    for header in include/hocket/*.hpp; do
        sed -nE "s|^#include <(hocket/.*)>.*|included $header include/\1|p" "$header"
    done
    if [ -d examples ]; then
        grep -HnE '^#include <hocket/.*/' README.md examples/*.cpp | sed -E 's|^([^:]*:[0-9]*):#include <(.*)>.*|outside \1 \2|'
    fi
} | awk '
    function complain(where, text) {
        print where ": " text
        failed = 1
    }
    $1 == "public" { public[$2] = 1 }
    $1 == "topic" { topic[$2] = 1 }
    $1 == "outside" { complain($2, "includes the inner header " $3) }
    $1 == "included" { reached[$3] = 1 }
    $1 == "included" && $2 == "include/hocket/hocket.hpp" && listed[$3]++ { complain($2, "includes " $3 " twice") }
    END {
        for (header in public)
            if (!(header in reached))
                complain(header, "is included by no public header")
        for (header in topic)
            if (!(header in listed) && header != "include/hocket/remote.hpp" && header != "include/hocket/sim.hpp")
                complain("include/hocket/hocket.hpp", "does not include " header)
        exit failed
    }'
