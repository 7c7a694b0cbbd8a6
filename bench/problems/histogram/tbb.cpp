// SPDX-License-Identifier: MIT
// Histograms by tbb::parallel_reduce over tables.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

namespace hocket_bench::histogram_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    auto limit = limit_tbb(threads);
    return [limit](auto const& all, std::size_t buckets) {
        auto const count = [&](tbb::blocked_range<std::size_t> const& r, counts table) {
            table.resize(buckets);
            for (std::size_t i = r.begin(); i != r.end(); ++i) {
                ++table[all[i]];
            }
            return table;
        };
        auto const sum = [](counts a, counts const& b) {
            a.resize(std::max(a.size(), b.size()));
            for (std::size_t i = 0; i < b.size(); ++i) {
                a[i] += b[i];
            }
            return a;
        };
        return tbb::parallel_reduce(tbb::blocked_range<std::size_t>(0, all.size()), counts(), count, sum);
    };
});

} // namespace
} // namespace hocket_bench::histogram_problem
