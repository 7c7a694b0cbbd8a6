# SPDX-License-Identifier: MIT
# Passes when the first error of each mistake in a table is the sentence that the table names. Prints the number of such
# mistakes, and the errors of the others.
# All mistakes of the table are compiled at once, each in a function and under a file name of its own, which tells its
# errors from others. A mistake of which only the length of the errors counts, and one about the compilation itself, is
# compiled alone.
# usage: mistakes.sh TABLE compiler [option...]
table=$1
shift
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
compile() { LC_ALL=C "$@" -fsyntax-only 2>&1; }
case $("$1" --version) in
*clang*) clang=1 && set -- "$@" -ferror-limit=0 -ftemplate-backtrace-limit=0 -Werror=reorder-init-list ;;
*) clang=0 && set -- "$@" -fmax-errors=0 ;;
esac
set -- "$@" -Werror=unused-result
failed=0

# Writes right.cpp, wrong.cpp, alone_N.cpp, and a line "N, expected sentence or lines, title" for each block into list.
awk -v here="$here" '
    function finish() {
        if (title == "")
            return
        print block "\t" says "\t" title >(here "/list")
        function_of = "namespace mistake_" block " {\nvoid program() {\n"
        wrong_function = "#line 1 \"mistake_" block "\"\n" function_of wrong "}\n}\n"
        print function_of right "}\n}" >(here "/right.cpp")
        if (says ~ /^lines /)
            print prelude "#include <hocket/algorithm/loops/parallel_for.hpp>\n#include <hocket/future/submit.hpp>\n" wrong_function >(here "/alone_" block ".cpp")
        else
            print wrong_function >(here "/wrong.cpp")
        title = ""
    }
    BEGIN {
        count = split("algorithm array chrono functional list map memory optional span stop_token string tuple utility vector", headers, " ")
        for (i = 1; i <= count; ++i)
            prelude = prelude "#include <" headers[i] ">\n"
        print prelude "#include <hocket/hocket.hpp>\n#include <hocket/remote.hpp>" >(here "/right.cpp")
        print prelude "#include <hocket/hocket.hpp>\n#include <hocket/remote.hpp>" >(here "/wrong.cpp")
    }
    /^# / { finish(); title = substr($0, 3); ++block; says = wrong = right = ""; next }
    title == "" { next }
    /^says / { says = substr($0, 6); next }
    /^lines / { says = $0; next }
    /^-/ { wrong = wrong substr($0, 2) "\n"; next }
    /^[+]/ { right = right substr($0, 2) "\n"; next }
    /^  / { wrong = wrong $0 "\n"; right = right $0 "\n" }
    END { finish() }' "$table"

if ! compile "$@" -w -std=c++20 "$here/right.cpp"; then
    echo "the corrected programs do not compile"
    failed=1
fi

# Prints N and the first error of each mistake. g++ names the origin of an error before the error, unless the previous
# error has that origin; clang names it behind.
compile "$@" -std=c++20 "$here/wrong.cpp" >"$here/said"
awk -v clang="$clang" '
    function settle() {
        if (error != "" && !(whose in first))
            first[whose] = error
        error = whose = ""
    }
    {
        place = match($0, /mistake_[0-9]+:[0-9]/) ? substr($0, RSTART + 8) + 0 : ""
    }
    / (fatal )?error: / {
        settle()
        error = $0
        if (place != "")
            before = place
        whose = clang ? place : before
        next
    }
    /required from here|In instantiation of|In substitution of|required by/ { if (place != "" && !clang) before = place }
    place != "" && whose == "" { whose = place }
    END {
        settle()
        for (whose in first)
            print whose "\t" first[whose]
    }' "$here/said" >"$here/first"

# Two mistakes about the compilation, whatever the header: another standard, and no <hwloc.h>.
printf '#include <hocket/pool/thread_pool.hpp>\n' >"$here/include.cpp"
printf '%s\t%s\t%s\n' standard 'hocket needs C[+][+]20: add -std=c[+][+]20' 'C++17' \
    hwloc 'hocket needs the headers of hwloc: install libhwloc-dev' 'no hwloc header' >>"$here/list"
compile "$@" -std=c++17 "$here/include.cpp" | grep -m 1 'error: ' | sed 's/^/standard\t/' >>"$here/first"

# A copy of the include folders in which <hwloc.h> is missing.
mkdir "$here/include"
folders=$(compile "$@" -std=c++20 -E -v -x c++ /dev/null | sed -n '/^#include </,/^End of/s/^ //p')
for folder in $folders; do
    if [ -e "$folder/hwloc.h" ]; then
        ln -s "$folder"/* "$here/include"
        rm -f "$here/include/hwloc.h"
        folder=$here/include
    fi
    printf -- '-isystem\n%s\n' "$folder"
done >"$here/folders"
# shellcheck disable=SC2046
compile "$@" -std=c++20 -nostdinc $(cat "$here/folders") "$here/include.cpp" |
    grep -m 1 'error: ' | sed 's/^/hwloc\t/' >>"$here/first"

tab=$(printf '\t')
while IFS=$tab read -r number says title; do
    case $says in
    lines*)
        lines=$(compile "$@" -std=c++20 "$here/alone_$number.cpp" | wc -l)
        [ "$lines" -gt 0 ] && [ "$lines" -le "${says#lines }" ] && continue
        echo "$title: answered in $lines lines, and not in 1 to ${says#lines }"
        ;;
    *)
        said=$(sed -n "s/^$number$tab//p" "$here/first")
        printf '%s\n' "$said" | grep -Eq -- "$says" && continue
        echo "$title: the first error is not: $says"
        echo "    ${said:-(none)}"
        ;;
    esac
    printf '%s\n' "$title" >>"$here/unanswered"
done <"$here/list"

# A mistake counts as answered when all its forms are.
titles=$(cut -f 3 "$here/list" | sort -u | wc -l)
unanswered=$(sort -u "$here/unanswered" 2>/dev/null | wc -l)
echo "$((titles - unanswered)) of $titles mistakes are answered well by $1"
[ "$unanswered" -eq 0 ] && [ $failed -eq 0 ]
