// SPDX-License-Identifier: MIT
// Groups by hocket::parallel_group_by.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/group/parallel_group_by.hpp>

namespace hocket_bench::group_by_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](values const& all, auto const& key) {
        return hocket::parallel_group_by(*pool, all, key);
    };
});

} // namespace
} // namespace hocket_bench::group_by_problem
