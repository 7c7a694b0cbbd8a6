# SPDX-License-Identifier: MIT
# Lint: every file of code begins with the identifier of its licence, in line 1 or below #!.
# usage: spdx.sh ROOT
. "${0%/*}/files.sh"
cd "$1" || exit 1

files \( -name '*.hpp' -o -name '*.ipp' -o -name '*.cpp' -o -name '*.cmake' -o -name '*.cmake.in' -o -name CMakeLists.txt -o -name '*.sh' \
    -o -name '*.awk' -o -name '*.py' -o -path './.ci/*' \) | xargs awk '
    FNR == 1 && /^#!/ { next_line = 1; next }
    FNR == 1 || next_line {
        next_line = 0
        if ($0 !~ /^(\/\/|#) SPDX-License-Identifier: MIT$/) {
            print FILENAME ":" FNR ": does not say SPDX-License-Identifier: MIT"
            failed = 1
        }
    }
    END { exit failed }'
