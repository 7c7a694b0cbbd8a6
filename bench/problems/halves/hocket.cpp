// SPDX-License-Identifier: MIT
// Two halves of 20 microseconds by hocket::parallel_for, on workers that may sleep and on workers that are kept warm.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>

namespace hocket_bench::halves_problem {
namespace {

[[maybe_unused]] bool const rows[] = {
    add("halves", by_hocket,
        [](int threads) {
            return [pool = make_pool(threads)](int n, auto const& body) { hocket::parallel_for(*pool, 0, n, body); };
        }),
    add("halves_warm", by_hocket,
        [](int threads) {
            auto pool = make_pool(threads);
            auto warm = std::make_shared<decltype(pool->keep_warm())>(pool->keep_warm());
            return [pool, warm](int n, auto const& body) { hocket::parallel_for(*pool, 0, n, body); };
        }),
};

} // namespace
} // namespace hocket_bench::halves_problem
