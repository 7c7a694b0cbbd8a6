// SPDX-License-Identifier: MIT
// map by hocket::parallel_map in both of its forms.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_map.hpp>

namespace hocket_bench::map_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    auto pool = make_pool(threads);
    return std::pair([pool](items const& from) { return hocket::parallel_map(*pool, from, mapped); },
                     [pool](items const& from, items& to) { hocket::parallel_map(*pool, from, to.begin(), mapped); });
});

} // namespace
} // namespace hocket_bench::map_problem
