# SPDX-License-Identifier: MIT
# Lint: the public headers stay small and cheap. None is longer than 400 lines, includes one of the heavy standard
# headers, or shares its file name with another header; each says #pragma once. Preprocessor conditions stand only in
# base/config.hpp, in the files that are about one concern of an operating system each, and about the component for MPI.
# usage: headers.sh ROOT
. "${0%/*}/files.sh"
cd "$1" || exit 1
failed=0

find include -name '*.hpp' -o -name '*.ipp' | sort | xargs awk '
    function complain(text) {
        print FILENAME ":" FNR ": " text
        failed = 1
    }
    FNR == 1 {
        may_decide = FILENAME ~ /(base\/(atomic|config|own_stop_token|stop_token)|os\/(affinity|enough_stack|futex|light_fence|os_mutex|os_thread|ticks)|range\/zip|machine\/(hwloc|machine|plugin_guard|process_registry)|sim\/(host_thread|simulated_run)|transport\/mpi_(channel|engine|world)|hocket\/remote)[.][hi]pp$/
        if (file != "" && !once)
            print file ":1: does not say #pragma once"
        failed = failed || (file != "" && !once)
        file = FILENAME
        once = 0
    }
    FNR == 401 { complain("is longer than 400 lines") }
    /^#pragma once$/ { once = 1 }
    /^#[ ]*include <(execution|iostream|regex|functional|ranges)>/ && !(FILENAME ~ /range\/zip[.][hi]pp$/ && /ranges/) {
        complain("is heavy for those who include it: " $2)
    }
    /^#[ ]*(if|ifdef|ifndef|elif|else)/ && !may_decide && $0 != "#if HOCKET_BODIES" { complain("#if belongs into base/config.hpp, or into a file that is about an operating system") }
    END {
        if (!once)
            print file ":1: does not say #pragma once"
        exit failed || !once
    }' || failed=1

# A header of the library shares its file name with no other file of the repository. The public headers are named for
# their topic, whatever they include.
files -name '*.hpp' | awk -F/ '
    /^include\/hocket\/[^\/]*$/ { next }
    /^include\// { at[$NF] = at[$NF] "\n  " $0; ++count[$NF]; library[$NF] = 1; next }
    { at[$NF] = at[$NF] "\n  " $0; ++count[$NF] }
    END {
        for (name in library)
            if (count[name] > 1) {
                print name ": the name of more than one file:" at[name]
                failed = 1
            }
        exit failed
    }' || failed=1
exit $failed
