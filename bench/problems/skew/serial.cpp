// SPDX-License-Identifier: MIT
// Skewed loops by a plain loop.
#include "problem.hpp"

namespace hocket_bench::skew_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return [](int n, auto const& body) {
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    };
});

} // namespace
} // namespace hocket_bench::skew_problem
