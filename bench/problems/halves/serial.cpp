// SPDX-License-Identifier: MIT
// Two halves of 20 microseconds by a plain loop.
#include "problem.hpp"

namespace hocket_bench::halves_problem {
namespace {

[[maybe_unused]] bool const rows = add("halves", serially, [](int) {
    return [](int n, auto const& body) {
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    };
});

} // namespace
} // namespace hocket_bench::halves_problem
