// SPDX-License-Identifier: MIT
// Partial sums by tbb::parallel_scan over vectorised sums and serial scans.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_scan.h>

#include <functional>
#include <numeric>

namespace hocket_bench::scan_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    auto limit = limit_tbb(threads);
    return [limit](auto const& in, auto& out) {
        using number = std::remove_cvref_t<decltype(in[0])>;
        auto const part = [&](tbb::blocked_range<std::size_t> const& r, number sum, bool is_final) {
            if (!is_final) {
                return std::reduce(in.data() + r.begin(), in.data() + r.end(), sum);
            }
            for (std::size_t i = r.begin(); i != r.end(); ++i) {
                sum += in[i];
                out[i] = sum;
            }
            return sum;
        };
        tbb::parallel_scan(tbb::blocked_range<std::size_t>(0, in.size()), number(0), part, std::plus<>());
    };
});

} // namespace
} // namespace hocket_bench::scan_problem
