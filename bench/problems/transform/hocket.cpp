// SPDX-License-Identifier: MIT
// Roots by hocket::parallel_map.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_map.hpp>

namespace hocket_bench::transform_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](numbers const& from) { return hocket::parallel_map(*pool, from, root); };
});

} // namespace
} // namespace hocket_bench::transform_problem
