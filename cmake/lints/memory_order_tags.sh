# SPDX-License-Identifier: MIT
# Lint: the tags of memory orders pair. A release says `// stack.publish ->` and the acquire that reads it says
# `// <- stack.publish`; each tag stands at least once at both ends. Several tags are separated by commas.
# usage: memory_order_tags.sh ROOT
cd "$1" || exit 1

find include -name '*.hpp' -o -name '*.ipp' | sort | xargs awk '
    BEGIN {
        name = "[a-z0-9_]+[.][a-z0-9_]+"
        list = name "(, " name ")*"
    }
    function collect(text, ends, tags, i, n) {
        n = split(text, tags, ", ")
        for (i = 1; i <= n; ++i) {
            if (!(tags[i] in seen_at))
                seen_at[tags[i]] = FILENAME ":" FNR
            ends[tags[i]] = 1
        }
    }
    {
        start = index($0, "//")
        if (start == 0)
            next
        comment = substr($0, start)
        for (rest = comment; match(rest, list " ->"); rest = substr(rest, RSTART + RLENGTH))
            collect(substr(rest, RSTART, RLENGTH - 3), releases)
        for (rest = comment; match(rest, "<- " list); rest = substr(rest, RSTART + RLENGTH))
            collect(substr(rest, RSTART + 3, RLENGTH - 3), acquires)
    }
    END {
        for (tag in seen_at)
            if (!(tag in releases) || !(tag in acquires)) {
                print seen_at[tag] ": " (tag in releases ? "nothing says `<- " tag "`" : "nothing says `" tag " ->`")
                failed = 1
            }
        exit failed
    }'
