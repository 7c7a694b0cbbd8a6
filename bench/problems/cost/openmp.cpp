// SPDX-License-Identifier: MIT
// Nested OpenMP tasks, and an OpenMP loop.
#include "../openmp_team.hpp"
#include "problem.hpp"

namespace hocket_bench::cost_problem {
namespace {

[[gnu::noinline]] std::uintptr_t nest(int depth) {
    if (depth == 0) {
        return HOCKET_BENCH_STACK_HERE;
    }
    int other = 0;
#pragma omp task shared(other)
    other = 1;
    std::uintptr_t const at = nest(depth - 1);
#pragma omp taskwait
    conceal(other);
    return at;
}

[[maybe_unused]] bool const rows = add(
    by_openmp,
    [](int threads) { return [threads](int depth) { return openmp_root(threads, [depth] { return nest(depth); }); }; },
    [](int threads) {
        return [threads](int n, auto const& body) {
#pragma omp parallel for num_threads(threads) schedule(static)
            for (int i = 0; i < n; ++i) {
                body(i);
            }
        };
    });

} // namespace
} // namespace hocket_bench::cost_problem
