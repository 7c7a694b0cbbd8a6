// SPDX-License-Identifier: MIT
// Skynet by plain recursion, one call a node: a compiler that unrolls the ten calls sums leaves at 0.15 ns each.
#include "problem.hpp"

namespace hocket_bench::skynet_problem {
namespace {

[[gnu::noinline]] std::int64_t skynet(std::int64_t first, std::int64_t size) {
    if (size == 1) {
        conceal(first);
        return first;
    }
    std::int64_t sum = 0;
    for (std::int64_t child = 0; child < 10; ++child) {
        sum += skynet(first + child * (size / 10), size / 10);
    }
    return sum;
}

[[maybe_unused]] bool const rows = add(serially, [](int) { return [](std::int64_t size) { return skynet(0, size); }; });

} // namespace
} // namespace hocket_bench::skynet_problem
