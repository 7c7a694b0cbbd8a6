# SPDX-License-Identifier: MIT
# Lint: no file names a folder of a developer's own machine.
# usage: machine_paths.sh ROOT
. "${0%/*}/files.sh"
cd "$1" || exit 1

if files ! -path './cmake/lints/machine_paths.sh' | tr '\n' '\0' |
    xargs -0 grep -nIE '(^|[^A-Za-z0-9_./])(file://)?/(home|root|Users|work|mnt|tmp/[a-z]+)/[A-Za-z0-9_.]|[A-Z]:\\Users'; then
    exit 1
fi
