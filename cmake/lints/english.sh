# SPDX-License-Identifier: MIT
# Lint: comments name the actor and repeat the noun. Comments, and what READMEs say outside of code, have none of the words below, which
# hide who acts or lean on the line above; comments stay within 120 columns.
# usage: english.sh ROOT
. "${0%/*}/files.sh"
cd "$1" || exit 1

files \( -name '*.hpp' -o -name '*.ipp' -o -name '*.cpp' -o -name '*.md' \) | xargs awk '
    function complain(text) {
        print FILENAME ":" FNR ": " text
        failed = 1
    }
    BEGIN {
        n = split("who whom whoever nobody somebody anybody everybody everyone someone anyone", words, " ")
        for (i = 1; i <= n; ++i)
            banned[words[i]] = 1
    }
    FNR == 1 { is_text = FILENAME ~ /[.]md$/; inside_code = 0 }
    is_text && /^[ \t]*```/ { inside_code = !inside_code; next }
    inside_code { next }
    {
        text = $0
        if (!is_text) {
            if (!match(text, /(^|[ \t])\/\/( |\/ )/)) next
            if (text ~ /^[ \t]*\/\// && length(text) > 120) complain("a comment is wider than 120 columns")
            text = substr(text, RSTART)
        }
        gsub(/`[^`]*`/, "", text)
        sub(/usage: .*/, "", text)
        if (text ~ /(^|[.:;] |\/\/\/? )The (same|latter|former)([ ,.:;]|$)/) complain("says what leans on the line above: " text)
        n = split(tolower(text), part, /[^a-z]+/)
        for (i = 1; i <= n; ++i)
            if (part[i] in banned) complain("names no actor by \"" part[i] "\"")
    }
    END { exit failed }'
