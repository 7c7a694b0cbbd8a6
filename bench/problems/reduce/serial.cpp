// SPDX-License-Identifier: MIT
// Sums by std::reduce and std::transform_reduce, which may use several accumulators.
#include "problem.hpp"

#include <numeric>

namespace hocket_bench::reduce_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return std::pair([](std::vector<double> const& x) { return std::reduce(x.begin(), x.end(), 0.0); },
                     [](std::vector<double> const& x) {
                         return std::transform_reduce(x.begin(), x.end(), 0.0, std::plus<>(),
                                                      [](double v) { return v * v; });
                     });
});

} // namespace
} // namespace hocket_bench::reduce_problem
