// SPDX-License-Identifier: MIT
// Histograms by a loop.
#include "problem.hpp"

namespace hocket_bench::histogram_problem {
namespace {

[[maybe_unused]] bool const rows =
    add(serially, [](int) { return [](auto const& all, std::size_t buckets) { return counted(all, buckets); }; });

} // namespace
} // namespace hocket_bench::histogram_problem
