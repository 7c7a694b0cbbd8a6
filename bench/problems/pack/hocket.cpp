// SPDX-License-Identifier: MIT
// A half of the numbers by hocket::parallel_copy_if.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/filter/parallel_copy_if.hpp>

namespace hocket_bench::pack_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    auto pool = make_pool(threads);
    return std::pair(
        [pool](numbers const& in, numbers& out) {
            return std::size_t(hocket::parallel_copy_if(*pool, in, out.begin(), chosen) - out.begin());
        },
        [pool](numbers const& in) { return hocket::parallel_copy_if(*pool, in, chosen); });
});

} // namespace
} // namespace hocket_bench::pack_problem
