// SPDX-License-Identifier: MIT
// find by hocket::parallel_find_if.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/search/parallel_find_if.hpp>

namespace hocket_bench::find_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](values const& from) {
        return static_cast<std::size_t>(hocket::parallel_find_if(*pool, from, is_hit) - from.begin());
    };
});

} // namespace
} // namespace hocket_bench::find_problem
