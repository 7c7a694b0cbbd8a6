// SPDX-License-Identifier: MIT
// Sums by OpenMP's reduction clause, vectorised by its simd clause.
#include "problem.hpp"

namespace hocket_bench::reduce_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return std::pair(
        [threads](std::vector<double> const& x) {
            double total = 0;
#pragma omp parallel for simd num_threads(threads) schedule(static) reduction(+ : total)
            for (std::size_t i = 0; i < x.size(); ++i) {
                total += x[i];
            }
            return total;
        },
        [threads](std::vector<double> const& x) {
            double total = 0;
#pragma omp parallel for simd num_threads(threads) schedule(static) reduction(+ : total)
            for (std::size_t i = 0; i < x.size(); ++i) {
                total += x[i] * x[i];
            }
            return total;
        });
});

} // namespace
} // namespace hocket_bench::reduce_problem
