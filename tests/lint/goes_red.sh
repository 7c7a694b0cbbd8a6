# SPDX-License-Identifier: MIT
# Passes when a lint complains about a bad sample for the right reason. The reason is a regular expression: a sample
# folder has it in its file `expected`, a sample file in its line `// expected: REGEX`.
# usage: goes_red.sh LINT SAMPLE [further arguments of the lint]
lint=$1
sample=$2
if [ -d "$sample" ]; then
    expected=$(cat "$sample/expected")
else
    expected=$(sed -n 's|^// expected: ||p' "$sample")
fi
shift

output=$(sh "$lint" "$@" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -ne 77 ] || exit 77
if [ "$status" -eq 0 ]; then
    echo "$lint finds nothing wrong with $sample"
    exit 1
fi
printf '%s\n' "$output" | grep -qE -- "$expected"
