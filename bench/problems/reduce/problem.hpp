// SPDX-License-Identifier: MIT
// The sum, and the sum of squares, of ten million doubles. The numbers are small integers, so each order of additions
// gives one answer. The unit is milliseconds.
#pragma once

#include "../measure.hpp"

#include <vector>

namespace hocket_bench::reduce_problem {

inline constexpr std::size_t n = 10'000'000;

inline std::vector<double> const& numbers() {
    static std::vector<double> const it = [] {
        std::vector<double> made(n);
        for (std::size_t i = 0; i < n; ++i) {
            made[i] = double(i % 8);
        }
        return made;
    }();
    return it;
}

inline constexpr double sum = double(n / 8) * 28;
inline constexpr double sum_of_squares = double(n / 8) * 140;

/// `make(threads)` makes a pair of functions, each from the numbers to its answer: the sum, the sum of squares.
template<class Make>
bool add(library const& with, Make make) {
    add_row({"reduce", 1e6, 9}, with, [make](sampler& rows, int threads) {
        auto run = make(threads).first;
        rows.time([&] { return run(numbers()); }, sum);
    });
    return add_row({"transform_reduce", 1e6, 9}, with, [make](sampler& rows, int threads) {
        auto run = make(threads).second;
        rows.time([&] { return run(numbers()); }, sum_of_squares);
    });
}

} // namespace hocket_bench::reduce_problem
