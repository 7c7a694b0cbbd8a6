// SPDX-License-Identifier: MIT
// OpenMP's task and taskwait.
#include "../openmp_team.hpp"
#include "problem.hpp"

namespace hocket_bench::future_problem {
namespace {

std::uint64_t submit_and_get(std::uint64_t n) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
        std::uint64_t result = 0;
#pragma omp task shared(result) firstprivate(i)
        result = i;
#pragma omp taskwait
        sum += result;
    }
    return sum;
}

[[maybe_unused]] bool const rows = add_submit(by_openmp, [](int threads) {
    return [threads](std::uint64_t n) { return openmp_root(threads, [n] { return submit_and_get(n); }); };
});

} // namespace
} // namespace hocket_bench::future_problem
