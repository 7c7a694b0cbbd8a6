# SPDX-License-Identifier: MIT
# Runs a program and compares its output with a file of regular expressions, one for each whole line, in order; a line
# `...` stands for any number of lines. The arguments of the program stand in EXPECTED.args, if that file exists.
# usage: check_output.sh EXPECTED program...      (reads EXPECTED.txt)
expected=$1
shift
if [ ! -f "$expected.txt" ]; then
    echo "$expected.txt is missing: it says what the program has to print"
    exit 1
fi
if [ -f "$expected.args" ]; then
    eval "set -- \"\$@\" $(tr '\n' ' ' <"$expected.args")"
fi

output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output"
if [ "$status" -ne 0 ]; then
    echo "-- exit status $status"
    exit 1
fi

printf '%s\n' "$output" | awk -v expected="$expected.txt" '
    BEGIN {
        while ((getline line < expected) > 0)
            pattern[++patterns] = line
    }
    { actual[NR] = $0 }
    END {
        # lines_match[i]: whether the patterns so far match the first i lines of the output
        lines_match[0] = 1
        for (p = 1; p <= patterns; ++p) {
            reached = 0
            for (i = NR; i >= 0; --i) {
                was = lines_match[i]
                if (pattern[p] != "...")
                    lines_match[i] = i > 0 && lines_match[i - 1] && actual[i] ~ ("^(" pattern[p] ")$")
            }
            if (pattern[p] == "...")
                for (i = 1; i <= NR; ++i)
                    lines_match[i] = lines_match[i] || lines_match[i - 1]
            for (i = 0; i <= NR; ++i)
                reached = reached || lines_match[i]
            if (!reached) {
                print "-- line " p " of " expected " does not match: " pattern[p]
                exit 1
            }
        }
        if (!lines_match[NR]) {
            print "-- the program prints more lines than " expected " describes"
            exit 1
        }
    }'
