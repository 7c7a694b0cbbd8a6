// SPDX-License-Identifier: MIT
// Partial sums by std::inclusive_scan.
#include "problem.hpp"

#include <numeric>

namespace hocket_bench::scan_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return [](auto const& in, auto& out) { std::inclusive_scan(in.begin(), in.end(), out.begin()); };
});

} // namespace
} // namespace hocket_bench::scan_problem
