// SPDX-License-Identifier: MIT
// Two halves by an OpenMP loop over two iterations.
#include "problem.hpp"

namespace hocket_bench::idle_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return [threads](auto const& f, auto const& g) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (int i = 0; i < 2; ++i) {
            if (i == 0) {
                f();
            } else {
                g();
            }
        }
    };
});

} // namespace
} // namespace hocket_bench::idle_problem
