// SPDX-License-Identifier: MIT
// The stack of nested plain calls, for comparison.
#include "problem.hpp"

namespace hocket_bench::cost_problem {
namespace {

[[gnu::noinline]] std::uintptr_t nest(int depth) {
    std::uintptr_t at = HOCKET_BENCH_STACK_HERE;
    if (depth > 0) {
        at = nest(depth - 1);
    }
    asm volatile("" : "+r"(at)); // else the call becomes a jump
    return at;
}

[[maybe_unused]] bool const rows = add(
    serially, [](int) { return nest; },
    [](int) {
        return [](int n, auto const& body) {
            for (int i = 0; i < n; ++i) {
                body(i);
            }
        };
    });

} // namespace
} // namespace hocket_bench::cost_problem
