// SPDX-License-Identifier: MIT
// nqueens by OpenMP: a task for each safe square of a row.
#include "../openmp_team.hpp"
#include "problem.hpp"

namespace hocket_bench::nqueens_problem {
namespace {

std::int64_t solve(board const& queens, int row) {
    if (row == size) {
        return 1;
    }
    std::array<std::int64_t, size> solutions{};
    for (int column = next_safe(queens, row, 0); column < size; column = next_safe(queens, row, column + 1)) {
#pragma omp task shared(solutions, queens) firstprivate(column, row)
        {
            board next = queens;
            next[std::size_t(row)] = std::int8_t(column);
            solutions[std::size_t(column)] = solve(next, row + 1);
        }
    }
#pragma omp taskwait
    std::int64_t sum = 0;
    for (auto const some : solutions) {
        sum += some;
    }
    return sum;
}

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return [threads] { return openmp_root(threads, [] { return solve(board{}, 0); }); };
});

} // namespace
} // namespace hocket_bench::nqueens_problem
