// SPDX-License-Identifier: MIT
// nqueens by plain recursion on one board.
#include "problem.hpp"

namespace hocket_bench::nqueens_problem {
namespace {

std::int64_t solve(board& queens, int row) {
    if (row == size) {
        return 1;
    }
    std::int64_t solutions = 0;
    for (int column = next_safe(queens, row, 0); column < size; column = next_safe(queens, row, column + 1)) {
        queens[std::size_t(row)] = std::int8_t(column);
        solutions += solve(queens, row + 1);
    }
    return solutions;
}

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return [] {
        board queens{};
        return solve(queens, 0);
    };
});

} // namespace
} // namespace hocket_bench::nqueens_problem
