// SPDX-License-Identifier: MIT
// nqueens by hocket::join: the first safe square with all its placements, beside the other squares of the row.
#include "../hocket_pool.hpp"
#include "problem.hpp"

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
    auto const [here, further] = hocket::join(
        [&queens, row, column] {
            board next = queens;
            next[std::size_t(row)] = std::int8_t(column);
            return solve(next, row + 1, 0);
        },
        [&queens, row, column] { return solve(queens, row, column + 1); });
    return here + further;
}

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)] { return on(*pool, [] { return solve(board{}, 0, 0); }); };
});

} // namespace
} // namespace hocket_bench::nqueens_problem
