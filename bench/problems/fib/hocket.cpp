// SPDX-License-Identifier: MIT
// fib by hocket::join.
#include "../hocket_pool.hpp"
#include "problem.hpp"

namespace hocket_bench::fib_problem {
namespace {

std::uint64_t fib(unsigned n) {
    if (n < 2) {
        return n;
    }
    auto const [a, b] = hocket::join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

[[maybe_unused]] bool const rows = add("fib", by_hocket, large, [](int threads) {
    return [pool = make_pool(threads)](unsigned n) { return on(*pool, [n] { return fib(n); }); };
});

} // namespace
} // namespace hocket_bench::fib_problem
