# SPDX-License-Identifier: MIT
# Lint: the links and names in a README exist. Relative links resolve in every README. In those of the library,
# identifiers and file names in backticks occur in the code of the library. Blocks between ``` and names of namespace
# std are not checked.
# usage: readme.sh ROOT
. "${0%/*}/files.sh"
cd "$1" || exit 1

# Prints "link TARGET" and "code TEXT" for each link and each text in backticks.
pieces() {
    awk '
        /^[ \t]*```/ { block = !block; next }
        block { next }
        {
            for (rest = $0; match(rest, /`[^`]+`/); rest = substr(rest, RSTART + RLENGTH))
                print "code " substr(rest, RSTART + 1, RLENGTH - 2)
            gsub(/`[^`]+`/, "")
            for (rest = $0; match(rest, /\]\([^)]+\)/); rest = substr(rest, RSTART + RLENGTH))
                print "link " substr(rest, RSTART + 2, RLENGTH - 3)
        }' "$1"
}

complain() {
    echo "$readme: $*"
    echo >>"$complaints"
}

complaints=$(mktemp)
for readme in $(files -name '*.md'); do
    folder=$(dirname "$readme")
    code=$(mktemp)
    case $folder in
    include/*) searched=include ;;
    *) searched=$folder ;;
    esac
    (cd "$searched" && files \( -name '*.hpp' -o -name '*.ipp' -o -name '*.cpp' -o -name '*.sh' -o -name '*.cmake' -o -name '*.json' \
        -o -name CMakeLists.txt \)) | sed "s|^|$searched/|" | xargs cat >"$code" 2>/dev/null
    case $readme in
    README.md | include/*) kinds='code|link' ;;
    *) kinds=link ;;
    esac
    pieces "$readme" | grep -E "^($kinds) " | while read -r kind text; do
        case $kind:$text in
        link:http://* | link:https://* | link:mailto:* | link:\#*) ;;
        link:*)
            [ -e "$folder/${text%%#*}" ] || complain "the link to $text leads nowhere"
            ;;
        code:*[!A-Za-z0-9_:./\(\)-]* | code:std::* | code:-* | code:/*) ;; # not a name: a command, an expression
        code:*.hpp | code:*.ipp | code:*.cpp | code:*.md | code:*.sh | code:*.txt | code:*.cmake | code:*/)
            [ -e "$folder/$text" ] || [ -e "include/hocket/$text" ] || [ -e "include/$text" ] || [ -e "$text" ] ||
                [ -n "$(find "$folder" -name "$text" 2>/dev/null)" ] || complain "there is no file $text"
            ;;
        code:[A-Za-z_]*)
            for name in $(printf '%s' "$text" | tr -c 'A-Za-z0-9_' ' '); do
                grep -qF -- "$name" "$code" || complain "no code in $searched says $name"
            done
            ;;
        esac
    done
    rm "$code"
done
if [ -s "$complaints" ]; then
    rm "$complaints"
    exit 1
fi
rm "$complaints"
