// SPDX-License-Identifier: MIT
// fib by tbb::parallel_invoke.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_invoke.h>

namespace hocket_bench::fib_problem {
namespace {

std::uint64_t fib(unsigned n) {
    if (n < 2) {
        return n;
    }
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    tbb::parallel_invoke([&] { a = fib(n - 1); }, [&] { b = fib(n - 2); });
    return a + b;
}

[[maybe_unused]] bool const rows =
    add("fib", by_tbb, medium, [](int threads) { return [limit = limit_tbb(threads)](unsigned n) { return fib(n); }; });

} // namespace
} // namespace hocket_bench::fib_problem
