// SPDX-License-Identifier: MIT
// Sums by hocket::parallel_reduce and hocket::parallel_transform_reduce.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/reduce/parallel_reduce.hpp>

#include <functional>

namespace hocket_bench::reduce_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    auto pool = make_pool(threads);
    return std::pair(
        [pool](std::vector<double> const& x) { return hocket::parallel_reduce(*pool, x, 0.0, std::plus<>()); },
        [pool](std::vector<double> const& x) {
            return hocket::parallel_transform_reduce(*pool, x, 0.0, std::plus<>(), [](double v) { return v * v; });
        });
});

} // namespace
} // namespace hocket_bench::reduce_problem
