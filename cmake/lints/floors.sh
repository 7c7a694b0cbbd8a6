# SPDX-License-Identifier: MIT
# Lint: a header includes its own floor and lower ones, never a higher one, and no headers include each other in a circle.
# usage: floors.sh ROOT
cd "$1/include/hocket" || exit 1

find . -name '*.hpp' | sed 's|^\./||' | sort | xargs awk '
    function floor_of(header, slash) {
        slash = index(header, "/")
        return slash == 0 ? top : (substr(header, 1, slash - 1) in floor ? floor[substr(header, 1, slash - 1)] : -1)
    }
    function complain(text) {
        print text
        failed = 1
    }

    BEGIN {
        top = split("base machine queue sched pool task algorithm", names, " ")
        for (i = 1; i <= top; ++i)
            floor[names[i]] = i - 1
    }

    FNR == 1 {
        remaining[FILENAME] = 1
        if (floor_of(FILENAME) < 0)
            complain(FILENAME ":1: this folder is no floor: add it to the table in cmake/lints/floors.sh")
    }

    /^[ \t]*#[ \t]*include[ \t]*["<]hocket\// {
        split($0, part, /["<>]/)
        header = substr(part[2], length("hocket/") + 1)
        if ((getline ignored < header) < 0)
            complain(FILENAME ":" FNR ": there is no " part[2])
        close(header)
        if (floor_of(header) > floor_of(FILENAME) || header == "hocket.hpp")
            complain(FILENAME ":" FNR ": includes " part[2] ", which is on a higher floor")
        includes[FILENAME] = includes[FILENAME] " " header
        next
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ { complain(FILENAME ":" FNR ": write #include <hocket/...>: " $0) }

    END {
        # Take away headers that include nothing that remains. What cannot be taken away is part of a circle or above one.
        do {
            taken = 0
            for (header in remaining) {
                blocked = 0
                n = split(includes[header], part, " ")
                for (i = 1; i <= n; ++i)
                    blocked = blocked || part[i] in remaining
                if (!blocked) {
                    delete remaining[header]
                    taken = 1
                }
            }
        } while (taken)
        for (header in remaining)
            complain(header ":1: is in a circle of includes, or includes one:" includes[header])
        exit failed
    }'
