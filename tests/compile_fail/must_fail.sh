# SPDX-License-Identifier: MIT
# Passes when a source file does not compile, and for the reason that it names: its line `// error: REGEX` must match
# the output of the compiler. With -DCONTROL the file has to compile, so that it fails for no other reason. A line
# `// std: c++17` names another standard than C++20.
# usage: must_fail.sh file.cpp compiler [option...]
source=$1
shift

expected=$(sed -n 's|^// error: ||p' "$source" | head -n 1)
if [ -z "$expected" ]; then
    echo "$source: no line '// error: REGEX'"
    exit 1
fi

if grep -q CONTROL "$source"; then
    if ! "$@" -std=c++20 -fsyntax-only -DCONTROL "$source"; then
        echo "$source: does not compile with -DCONTROL either"
        exit 1
    fi
fi

standard=$(sed -n 's|^// std: ||p' "$source")
if output=$("$@" "-std=${standard:-c++20}" -fsyntax-only "$source" 2>&1); then
    echo "$source: compiles"
    exit 1
fi
if ! printf '%s\n' "$output" | grep -Eq -- "$expected"; then
    printf '%s\n' "$output"
    echo "$source: fails, but not with: $expected"
    exit 1
fi
