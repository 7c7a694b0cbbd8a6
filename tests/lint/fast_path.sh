# SPDX-License-Identifier: MIT
# Compiles a file for an executable and checks the code of its function `fast_path`. There must be no fence, no locked
# instruction, no allocation, no guard of a static, no call for thread-local storage, and hocket::join is inlined. Code
# that the compiler moves out of the function (cold code, functions that are not inlined) is not checked.
# usage: fast_path.sh file.cpp compiler option...
source=$1
shift
assembly=$(mktemp)
trap 'rm -f "$assembly"' EXIT
"$@" -std=c++20 -fPIE -DNDEBUG -S -o "$assembly" "$source" || exit 1

machine=$("$@" -dumpmachine)
case $machine in
x86_64* | i?86*) forbidden='(^|[^a-z])(mfence|lock|xchg[bwlq]?.*[(])' ;;
aarch64* | arm64*) forbidden='(^|[^a-z])(dmb|dsb|ldaxr|stlxr|ldxr|stxr|cas[alb]*|swp[alb]*|ld(add|set|clr|eor)[alb]*)([^a-z]|$)|__aarch64_' ;;
*)
    echo "skipped: it is not known what a fence looks like on $machine"
    exit 77
    ;;
esac

awk -v forbidden="$forbidden" '
    /^fast_path:/ { inside = found = 1; next }
    inside && /^[ \t]*[.]size[ \t]+fast_path,/ { inside = 0 }
    inside && /^[ \t]*[.]section[ \t]+[.]text[.]unlikely/ { cold = 1 }
    inside && /^[ \t]*[.](text|section[ \t]+[.]text[ \t,])/ || /^[ \t]*[.]previous/ { cold = 0 }
    !inside || cold || /^[ \t]*([.#;\/]|$)/ || /^[^ \t]*:/ { next }
    {
        ++instructions
        calls = calls (/^[ \t]*(callq?|bl)[ \t]/ ? "\n" $0 : "")
    }
    $0 ~ forbidden { complain("waits for memory") }
    /__tls_get_addr|__emutls_get_address|_ZT[WH]|tlsdesc/ { complain("calls for thread-local storage") }
    /_Zn[wa]m|malloc/ { complain("allocates") }
    /__cxa_guard_acquire/ { complain("guards a static") }
    /(callq?|jmp|bl?)[ \t]+_ZN6hocket2v14join/ { complain("join is not inlined") }
    function complain(text) {
        print "fast_path: " text ": " $0
        failed = 1
    }
    END {
        if (!found) {
            print "there is no function fast_path"
            exit 1
        }
        print instructions " instructions, with these calls:" calls
        exit failed
    }' "$assembly"
