// SPDX-License-Identifier: MIT
// nqueens by tbb::parallel_invoke, in the same shape as with hocket.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_invoke.h>

namespace hocket_bench::nqueens_problem {
namespace {

std::int64_t solve(board const& queens, int row, int from) {
    if (row == size) {
        return 1;
    }
    int const column = next_safe(queens, row, from);
    if (column == size) {
        return 0;
    }
    std::int64_t here = 0;
    std::int64_t further = 0;
    tbb::parallel_invoke([&] { further = solve(queens, row, column + 1); },
                         [&] {
                             board next = queens;
                             next[std::size_t(row)] = std::int8_t(column);
                             here = solve(next, row + 1, 0);
                         });
    return here + further;
}

[[maybe_unused]] bool const rows =
    add(by_tbb, [](int threads) { return [limit = limit_tbb(threads)] { return solve(board{}, 0, 0); }; });

} // namespace
} // namespace hocket_bench::nqueens_problem
