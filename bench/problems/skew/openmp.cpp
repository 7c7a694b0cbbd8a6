// SPDX-License-Identifier: MIT
// Skewed loops by an OpenMP loop, iterations handed out one by one: its best here.
#include "problem.hpp"

namespace hocket_bench::skew_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return [threads](int n, auto const& body) {
#pragma omp parallel for num_threads(threads) schedule(dynamic)
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    };
});

} // namespace
} // namespace hocket_bench::skew_problem
