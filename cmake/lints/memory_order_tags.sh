# SPDX-License-Identifier: MIT
# Lint: the tags of memory orders pair. A release says `// stack.publish ->` and the acquire that reads it says
# `// <- stack.publish`; each tag stands at least once at both ends. Several tags are separated by commas. Each statement
# with an order above relaxed has a tag for its end, on any of its lines; acquire and release together need one of both.
# The atomic of the simulated machine takes orders as arguments.
# usage: memory_order_tags.sh ROOT
cd "$1" || exit 1

find include -name '*.hpp' -o -name '*.ipp' | grep -v sim/simulated_atomic.hpp | sort | xargs awk '
    BEGIN {
        name = "[a-z0-9_]+[.][a-z0-9_]+"
        list = name "(, " name ")*"
        strong = "(memory_)?order(_|::)(acquire|release|acq_rel|seq_cst)"
    }
    function collect(text, ends, tags, i, n) {
        n = split(text, tags, ", ")
        for (i = 1; i <= n; ++i) {
            if (!(tags[i] in seen_at))
                seen_at[tags[i]] = FILENAME ":" FNR
            ends[tags[i]] = 1
        }
    }
    function end_statement() {
        if (ordered_at && (!(gives || takes) || (is_release && !gives) || (is_acquire && !takes))) {
            print ordered_at ": no tag of the pair at `" order "`"
            failed = 1
        }
        ordered_at = is_release = is_acquire = gives = takes = 0
    }
    FNR == 1 { end_statement() }
    {
        start = index($0, "//")
        code = start == 0 ? $0 : substr($0, 1, start - 1)
        comment = start == 0 ? "" : substr($0, start)
        sub(/[ \t]+$/, "", code)
        if (!ordered_at && match(code, strong)) {
            ordered_at = FILENAME ":" FNR
            order = substr(code, RSTART, RLENGTH)
        }
        if (code != "") {
            is_release += code ~ "order(_|::)release"
            is_acquire += code ~ "order(_|::)acquire"
            gives += comment ~ list " ->"
            takes += comment ~ "<- " list
        }
        if (code ~ /[;{}]$/)
            end_statement()
        for (rest = comment; match(rest, list " ->"); rest = substr(rest, RSTART + RLENGTH))
            collect(substr(rest, RSTART, RLENGTH - 3), releases)
        for (rest = comment; match(rest, "<- " list); rest = substr(rest, RSTART + RLENGTH))
            collect(substr(rest, RSTART + 3, RLENGTH - 3), acquires)
    }
    END {
        end_statement()
        for (tag in seen_at)
            if (!(tag in releases) || !(tag in acquires)) {
                print seen_at[tag] ": " (tag in releases ? "nothing says `<- " tag "`" : "nothing says `" tag " ->`")
                failed = 1
            }
        exit failed
    }'
