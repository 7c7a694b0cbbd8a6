// SPDX-License-Identifier: MIT
// Nested hocket::join and hocket::parallel_for.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>

namespace hocket_bench::cost_problem {
namespace {

[[gnu::noinline]] std::uintptr_t nest(int depth) {
    if (depth == 0) {
        return HOCKET_BENCH_STACK_HERE;
    }
    return std::get<0>(hocket::join([depth] { return nest(depth - 1); }, [] { return 0; }));
}

[[maybe_unused]] bool const rows = add(
    by_hocket,
    [](int threads) {
        return [pool = make_pool(threads)](int depth) { return on(*pool, [depth] { return nest(depth); }); };
    },
    [](int threads) {
        return [pool = make_pool(threads)](int n, auto const& body) { hocket::parallel_for(*pool, 0, n, body); };
    });

} // namespace
} // namespace hocket_bench::cost_problem
