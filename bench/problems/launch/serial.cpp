// SPDX-License-Identifier: MIT
// Loops over a handful of indexes by a plain loop.
#include "problem.hpp"

namespace hocket_bench::launch_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return [](int n, auto const& body) {
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    };
});

} // namespace
} // namespace hocket_bench::launch_problem
