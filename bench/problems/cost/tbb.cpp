// SPDX-License-Identifier: MIT
// Nested tbb::parallel_invoke and tbb::parallel_for.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>

namespace hocket_bench::cost_problem {
namespace {

[[gnu::noinline]] std::uintptr_t nest(int depth) {
    if (depth == 0) {
        return HOCKET_BENCH_STACK_HERE;
    }
    std::uintptr_t at = 0;
    tbb::parallel_invoke([] {}, [&] { at = nest(depth - 1); });
    return at;
}

[[maybe_unused]] bool const rows = add(
    by_tbb, [](int threads) { return [limit = limit_tbb(threads)](int depth) { return nest(depth); }; },
    [](int threads) {
        return [limit = limit_tbb(threads)](int n, auto const& body) { tbb::parallel_for(0, n, body); };
    });

} // namespace
} // namespace hocket_bench::cost_problem
