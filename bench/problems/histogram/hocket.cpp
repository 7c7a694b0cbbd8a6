// SPDX-License-Identifier: MIT
// Histograms by hocket::parallel_histogram.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/group/parallel_histogram.hpp>

namespace hocket_bench::histogram_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    auto pool = make_pool(threads);
    return [pool](auto const& all, std::size_t buckets) { return hocket::parallel_histogram(*pool, all, buckets); };
});

} // namespace
} // namespace hocket_bench::histogram_problem
