// SPDX-License-Identifier: MIT
// fib by OpenMP's task and taskwait.
#include "../openmp_team.hpp"
#include "problem.hpp"

namespace hocket_bench::fib_problem {
namespace {

std::uint64_t fib(unsigned n) {
    if (n < 2) {
        return n;
    }
    std::uint64_t a = 0;
    std::uint64_t b = 0;
#pragma omp task shared(b)
    b = fib(n - 2);
    a = fib(n - 1);
#pragma omp taskwait
    return a + b;
}

[[maybe_unused]] bool const rows = add("fib", by_openmp, small, [](int threads) {
    return [threads](unsigned n) { return openmp_root(threads, [n] { return fib(n); }); };
});

} // namespace
} // namespace hocket_bench::fib_problem
