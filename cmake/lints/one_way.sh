# SPDX-License-Identifier: MIT
# Lint: what is not deterministic has one way each, so that a simulated machine can take its place. Atomics are those of
# base/atomic.hpp; threads, mutexes, condition variables, clocks, sleeps and affinity those of os/. Only these files, the
# simulated machine, the stop tokens for old standard libraries, the mutex between processes and the component for MPI
# name the standard's or the system's.
# usage: one_way.sh ROOT
cd "$1" || exit 1

find include -name '*.hpp' -o -name '*.ipp' |
    grep -vE '/(sim|os)/|/base/(atomic|own_stop_token)[.]hpp$|/transport/mpi_[a-z]*[.][hi]pp$|/object/shared_mutex_word[.]ipp$' | sort | xargs awk '
    {
        code = $0
        sub(/[ \t]*\/\/.*/, "", code)
        gsub(/"[^"]*"/, "", code)
    }
    match(code, /std::(atomic<|atomic_flag|mutex|shared_mutex|condition_variable|thread[^_a-z]|jthread|this_thread|random_device)/) ||
    match(code, /(^|[^_a-z:])(steady_clock|system_clock|high_resolution_clock)::now|std::chrono::[a-z_]+clock::now/) ||
    match(code, /(^|[^_a-z])(clock_gettime|gettimeofday|nanosleep|usleep|sched_yield|sched_[gs]etaffinity|sched_getcpu|pthread_(create|join|mutex_[a-z]+|cond_[a-z]+)|membarrier)\(/) {
        print FILENAME ":" FNR ": " substr(code, RSTART, RLENGTH) ": base/atomic.hpp and os/ have the one way to it"
        failed = 1
    }
    END { exit failed }'
