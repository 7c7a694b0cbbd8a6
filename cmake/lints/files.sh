# SPDX-License-Identifier: MIT
# Sourced by the lints: `files` prints the files below the current folder that belong to the project. Built files and
# the bad samples of the lints do not. Arguments are further tests for find.
files() {
    find . \( -path ./.git -o -path ./build -o -path ./tests/lint/samples \) -prune -o -type f "$@" -print |
        sed 's|^\./||' | sort
}
