# SPDX-License-Identifier: MIT
# Passes when each header below ROOT/include compiles as the first one of a file. Prints the errors of the others.
#
# A header that includes another one, even through others, sees everything that the other sees. So headers of which each
# includes the one before are compiled in one file, smallest first: nothing stands before a header but what it includes
# itself, and a third of the code is parsed. A missing include of the other is its own error, told at its own place.
# Includes within conditions, or below the first declaration, do not count.
# usage: headers_alone.sh ROOT compiler [option...]
cd "$1/include" || exit 1
shift
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT

find . -name '*.hpp' | sed 's|^\./||' | sort >"$here/headers"
[ -s "$here/headers" ] || { echo "no headers here: $PWD" && exit 1; }
xargs awk -v here="$here" '
    # Fills reaches[of, ...] with all that a header includes, and itself.
    function close_over(of, i, inner, names, count) {
        if (of in size)
            return
        size[of] = 1
        reaches[of, of]
        count = split(list[of], names, " ")
        for (i = 1; i <= count; ++i) {
            inner = names[i]
            if (!(inner in number))
                continue
            close_over(inner)
            for (other in number)
                if ((inner, other) in reaches && !((of, other) in reaches)) {
                    reaches[of, other]
                    ++size[of]
                }
        }
    }
    # The largest header that no file has yet, among those that a header includes, or among all.
    function largest(of, all, best, header) {
        best = ""
        for (header in number)
            if (!(header in done) && (all || (of, header) in reaches))
                if (best == "" || size[header] > size[best] || (size[header] == size[best] && header < best))
                    best = header
        return best
    }
    FNR == 1 { depth = declares = 0; number[FILENAME] }
    /^namespace / { declares = 1 }
    /^#[ ]*if/ { ++depth }
    /^#[ ]*endif/ { --depth }
    /^#include </ && depth == 0 && !declares {
        sub(/^#include </, "")
        sub(/>.*/, "")
        list[FILENAME] = list[FILENAME] " " $0
    }
    END {
        for (header in number)
            close_over(header)
        while ((header = largest("", 1)) != "") {
            text = ""
            for (; header != ""; header = largest(header, 0)) {
                done[header]
                text = "#include <" header ">\n" text
            }
            printf "%s", text >(here "/" ++files ".cpp")
            close(here "/" files ".cpp")
        }
    }' <"$here/headers" || exit 1

failed=0
checked=0
for file in "$here"/*.cpp; do
    if ! "$@" -fsyntax-only -std=c++20 -I. "$file"; then
        echo "in a file that includes these, one after the other:"
        cat "$file"
        failed=1
    fi
    checked=$((checked + $(grep -c . "$file")))
done
all=$(grep -c . "$here/headers")
echo "$checked of $all headers compiled, in $(ls "$here"/*.cpp | grep -c .) files"
[ "$checked" -eq "$all" ] || failed=1
exit "$failed"
