// SPDX-License-Identifier: MIT
// The way in which OpenMP programs fork tasks: a team of threads, one of which runs the root of the tasks.
#pragma once

#include <omp.h>

namespace hocket_bench {

/// Runs `f` as the root of the tasks of `threads` threads and returns its result.
template<class F>
auto openmp_root(int threads, F const& f) {
    decltype(f()) result{};
#pragma omp parallel num_threads(threads)
#pragma omp single
    result = f();
    return result;
}

} // namespace hocket_bench
