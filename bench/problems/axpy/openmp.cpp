// SPDX-License-Identifier: MIT
// axpy by an OpenMP loop, iterations divided into equal blocks.
#include "problem.hpp"

namespace hocket_bench::axpy_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return [threads](int n, auto const& body) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    };
});

} // namespace
} // namespace hocket_bench::axpy_problem
