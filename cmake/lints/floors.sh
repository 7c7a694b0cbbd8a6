# SPDX-License-Identifier: MIT
# Lint: a header includes its own floor and lower ones, never a higher one, and includes form no cycle. A header that
# says HOCKET_ABI has it from base/config.hpp. A header's own bodies (x.ipp beside x.hpp) come last in it and are no
# part of a cycle.
# usage: floors.sh ROOT
cd "$1/include/hocket" || exit 1

find . -name '*.hpp' -o -name '*.ipp' | sed 's|^\./||' | sort | xargs awk '
    function floor_of(header, slash) {
        slash = index(header, "/")
        return slash == 0 ? top : (substr(header, 1, slash - 1) in floor ? floor[substr(header, 1, slash - 1)] : -1)
    }
    function complain(text) {
        print text
        failed = 1
    }

    BEGIN {
        top = split("sim base os memory range machine queue sched loop search pool fork_join future coroutine graph pipeline algorithm remote", names, " ")
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
        if (header ~ /[.]ipp$/)
            next
        if (header == "base/config.hpp")
            configured[FILENAME] = 1
        includes[FILENAME] = includes[FILENAME] " " header
        next
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ { complain(FILENAME ":" FNR ": write #include <hocket/...>: " $0) }

    /HOCKET_ABI/ && FILENAME != "base/config.hpp" {
        named[FILENAME] = 1
        if (includes[FILENAME] == "")
            complain(FILENAME ":" FNR ": says HOCKET_ABI before it includes a header of hocket")
    }

    END {
        # A header that names its namespace must have the name from base/config.hpp, from itself or from its includes.
        do {
            found = 0
            for (header in includes) {
                n = split(includes[header], part, " ")
                for (i = 1; i <= n && !(header in configured); ++i)
                    if (part[i] in configured)
                        found = configured[header] = 1
            }
        } while (found)
        for (header in named)
            if (!(header in configured) && header != "base/config.hpp" && header !~ /[.]ipp$/)
                complain(header ":1: says HOCKET_ABI and does not include base/config.hpp, nor a header that does")

        # Removes headers that include no remaining header. Headers that cannot be removed are part of a cycle or above
        # one.
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
