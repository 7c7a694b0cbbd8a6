// SPDX-License-Identifier: MIT
// Sums by tbb::parallel_reduce over std::reduce and std::transform_reduce.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <functional>
#include <numeric>

namespace hocket_bench::reduce_problem {
namespace {

using block = tbb::blocked_range<double const*>;

block all(std::vector<double> const& x) { return {x.data(), x.data() + x.size()}; }

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    auto limit = limit_tbb(threads);
    return std::pair(
        [limit](std::vector<double> const& x) {
            auto const sum = [](block const& part, double init) { return std::reduce(part.begin(), part.end(), init); };
            return tbb::parallel_reduce(all(x), 0.0, sum, std::plus<>());
        },
        [limit](std::vector<double> const& x) {
            auto const sum = [](block const& part, double init) {
                auto const square = [](double v) { return v * v; };
                return std::transform_reduce(part.begin(), part.end(), init, std::plus<>(), square);
            };
            return tbb::parallel_reduce(all(x), 0.0, sum, std::plus<>());
        });
});

} // namespace
} // namespace hocket_bench::reduce_problem
