# SPDX-License-Identifier: MIT
# Lint: programs can find every public name. A name that a header declares in namespace hocket itself, and not in
# hocket::detail, stands in README.md or in a header of include/hocket/ itself. An example uses it too, unless a line
# `// Seldom written out: ...` of such a header lists it: a type that a call returns, or a word for other libraries.
# usage: public_names.sh ROOT
cd "$1" || exit 1

for header in $(find include/hocket -mindepth 2 -name '*.hpp' | sort); do
    sed "s|^|$header\t|" "$header"
done | awk -F '\t' '
    $1 != file { file = $1; inside = hidden = 0 }
    { line = substr($0, length($1) + 2) }
    line ~ /^namespace hocket::inline [A-Za-z_0-9]+(::this_[a-z]+)? \{/ { inside = 1; next }
    line ~ /^namespace [a-z_]+ \{/ { hidden = line !~ /^namespace this_/; next }
    line ~ /^\}[ ]*\/\/ namespace hocket/ { inside = hidden = 0; next }
    line ~ /^\}[ ]*\/\/ namespace/ { hidden = 0; next }
    !inside || hidden || line !~ /^[A-Za-z\[]/ { next }
    line ~ /^(template|requires|namespace|static_assert|public|private)/ { next }
    {
        gsub(/\[\[[^]]*\]\]|HOCKET_[A-Z_]+/, "", line)
        while (match(line, /<[^<>()]*>/)) # arguments of templates, from the inside
            line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
        name = ""
        if (match(line, /^ *(class|struct|enum class|concept|using) +[A-Za-z_0-9:]+/)) {
            name = substr(line, RSTART, RLENGTH)
        } else if (match(line, /[({=;]/)) {
            name = substr(line, 1, RSTART - 1)
            sub(/ +$/, "", name)
            if (name ~ /operator|[A-Za-z_0-9]+::[a-z_0-9]+$|^decltype$/) next
        }
        if (name == "") next
        sub(/^.*[^A-Za-z_0-9]/, "", name)
        if (!(name in seen)) print name "\t" file
        seen[name] = 1
    }' |
    awk -F '\t' -v headers="$(ls include/hocket/*.hpp | tr '\n' ' ')" -v examples="$(ls examples/*.cpp 2>/dev/null | tr '\n' ' ')" '
    function read_words(file, words, line, part, i, n, seldom) {
        while ((getline line < file) > 0) {
            if (line ~ /Seldom written out:/) seldom = 1
            else if (line !~ /^\/\/  /) seldom = 0 # its further lines are indented
            n = split(line, part, /[^A-Za-z_0-9]+/)
            for (i = 1; i <= n; ++i) {
                words[part[i]] = 1
                if (seldom) exempt[part[i]] = 1
            }
        }
        close(file)
    }
    BEGIN {
        read_words("README.md", told)
        n = split(headers, file, " ")
        for (i = 1; i <= n; ++i) read_words(file[i], told)
        n = split(examples, file, " ")
        for (i = 1; i <= n; ++i) read_words(file[i], used)
    }
    !($1 in told) {
        print $2 ": neither README.md nor a header of include/hocket/ names " $1
        failed = 1
    }
    !($1 in used) && !($1 in exempt) {
        print $2 ": no example uses " $1
        failed = 1
    }
    END { exit failed }'
