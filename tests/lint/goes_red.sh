# SPDX-License-Identifier: MIT
# Passes when a lint complains about a bad sample in the words that the sample's file `expected` gives.
# usage: goes_red.sh LINT SAMPLE
output=$(sh "$1" "$2" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -ne 77 ] || exit 77
if [ "$status" -eq 0 ]; then
    echo "$1 finds nothing wrong with $2"
    exit 1
fi
printf '%s\n' "$output" | grep -qE -- "$(cat "$2/expected")"
