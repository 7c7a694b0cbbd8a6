// SPDX-License-Identifier: MIT
// Groups by a loop and a std::unordered_map of their places.
#include "problem.hpp"

namespace hocket_bench::group_by_problem {
namespace {

[[maybe_unused]] bool const rows =
    add(serially, [](int) { return [](values const& all, auto const& key) { return grouped(all, key); }; });

} // namespace
} // namespace hocket_bench::group_by_problem
