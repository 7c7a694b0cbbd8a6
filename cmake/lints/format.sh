# SPDX-License-Identifier: MIT
# Lint: the code is formatted as .clang-format says. Skipped (77) where the clang-format of LLVM 14 is not installed,
# since every version formats a little differently.
# usage: format.sh ROOT [--fix]
. "${0%/*}/files.sh"
cd "$1" || exit 1

for clang_format in clang-format-14 clang-format none; do
    $clang_format --version 2>/dev/null | grep -q 'version 14\.' && break
done
if [ $clang_format = none ]; then
    echo "skipped: there is no clang-format 14 here"
    exit 77
fi

if [ "$2" = --fix ]; then
    files \( -name '*.hpp' -o -name '*.ipp' -o -name '*.ipp' -o -name '*.cpp' \) | xargs $clang_format -i
elif ! output=$(files \( -name '*.hpp' -o -name '*.ipp' -o -name '*.ipp' -o -name '*.cpp' \) | xargs $clang_format --dry-run -Werror 2>&1); then
    printf '%s\n' "$output" | sed -n 's/:[0-9]*:[0-9]*: error: .*/ is not formatted/p' | uniq -c
    echo "fix it by: sh cmake/lints/format.sh . --fix"
    exit 1
fi
