// SPDX-License-Identifier: MIT
// Skynet: a tree in which each inner node has ten children, a million leaves that return their number, and the sum of
// all. Joins of ten. The unit is leaves.
#pragma once

#include "../measure.hpp"

#include <cstdint>

namespace hocket_bench::skynet_problem {

inline constexpr std::int64_t leaves = 1'000'000;
inline constexpr std::int64_t answer = leaves * (leaves - 1) / 2;

/// `make(threads)` makes the function that takes the number of leaves and returns the sum of their numbers.
template<class Make>
bool add(library const& with, Make make) {
    return add_row({"skynet", double(leaves), 5}, with, [make](sampler& rows, int threads) {
        auto run = make(threads);
        rows.time([&] { return run(leaves); }, answer);
    });
}

} // namespace hocket_bench::skynet_problem
