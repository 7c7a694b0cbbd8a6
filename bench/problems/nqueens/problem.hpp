// SPDX-License-Identifier: MIT
// The number of ways to place 12 queens, without a cutoff: a join for each queen that finds a safe square. The unit is
// the partial placements, 856,189 of them.
#pragma once

#include "../measure.hpp"

#include <array>
#include <cstdint>

namespace hocket_bench::nqueens_problem {

inline constexpr int size = 12;
inline constexpr std::int64_t answer = 14'200;
inline constexpr double placements = 856'189;

/// The column of the queen in each row.
using board = std::array<std::int8_t, size>;

inline bool safe(board const& queens, int row, int column) {
    for (int other = 0; other < row; ++other) {
        int const distance = queens[std::size_t(other)] - column;
        if (distance == 0 || distance == row - other || distance == other - row) {
            return false;
        }
    }
    return true;
}

/// Returns the first safe column of the row from `column` on, or `size`.
inline int next_safe(board const& queens, int row, int column) {
    while (column < size && !safe(queens, row, column)) {
        ++column;
    }
    return column;
}

/// `make(threads)` makes the function that returns the number of solutions.
template<class Make>
bool add(library const& with, Make make) {
    return add_row({"nqueens", placements, 2}, with, [make](sampler& rows, int threads) {
        auto run = make(threads);
        rows.time([&] { return run(); }, answer);
    });
}

} // namespace hocket_bench::nqueens_problem
