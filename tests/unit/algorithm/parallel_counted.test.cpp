// SPDX-License-Identifier: MIT
// Tests of parallel_copy_n, parallel_fill_n, parallel_generate_n, parallel_for_each_n and parallel_move.
#include <hocket/algorithm/loops/parallel_for_each_n.hpp>
#include <hocket/algorithm/write/parallel_counted.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_counted, reaches_so_many_elements_and_no_other) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 63, 1000, 20'000}) {
            std::vector<int> source(static_cast<std::size_t>(n + 1)), values(source.size(), -1);
            std::iota(source.begin(), source.end(), 0);
            ASSERT_EQ(parallel_copy_n(*pool, source.begin(), n, values.begin(), {.grain = 5}), values.begin() + n);
            ASSERT_TRUE(std::equal(source.begin(), source.end() - 1, values.begin()));
            ASSERT_EQ(parallel_fill_n(*pool, values.begin(), n, 7), values.begin() + n);
            ASSERT_EQ(std::count(values.begin(), values.end(), 7), n);
            auto const square = [](std::uint64_t i) { return static_cast<int>(i * i % 100); };
            ASSERT_EQ(parallel_generate_n(*pool, values.begin(), n, square), values.begin() + n);
            for (int i = 0; i < n; ++i)
                ASSERT_EQ(values[static_cast<std::size_t>(i)], square(static_cast<unsigned>(i)));
            ASSERT_EQ(parallel_for_each_n(*pool, values.begin(), n, [](int& x) { x = -1; }), values.begin() + n);
            ASSERT_EQ(std::count(values.begin(), values.end(), -1), n + 1);
            std::atomic<int> sum = 0;
            ASSERT_EQ(parallel_for_each_n(*pool, 10, n, [&](int i) { sum += i - 9; }), 10 + n);
            ASSERT_EQ(sum, n * (n + 1) / 2);
        }
    std::vector<int> out(3, 4);
    EXPECT_EQ(parallel_fill_n(out.begin(), -2, 7), out.begin());
    EXPECT_EQ(parallel_copy_n(5, 3U, out), out.end());
    EXPECT_EQ(out, (std::vector<int>{5, 6, 7}));
    EXPECT_THROW(parallel_copy_n(5, 4, out), std::invalid_argument);
}

TEST(parallel_move, moves_what_can_only_be_moved) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 1000, 10'000}) {
            std::deque<std::unique_ptr<int>> from;
            for (int i = 0; i < n; ++i) from.push_back(std::make_unique<int>(i));
            std::vector<std::unique_ptr<int>> to(from.size());
            ASSERT_EQ(parallel_move(*pool, from, to, {.grain = 3}), to.end());
            for (int i = 0; i < n; ++i) {
                ASSERT_EQ(*to[static_cast<std::size_t>(i)], i);
                ASSERT_EQ(from[static_cast<std::size_t>(i)], nullptr);
            }
        }
    std::vector<int> numbers_here{1, 2, 3}, there(3);
    EXPECT_EQ(parallel_move(numbers_here.begin(), numbers_here.end(), there.begin()), there.end());
    EXPECT_EQ(there, numbers_here);
    EXPECT_THROW(parallel_move(numbers_here, std::vector<long>(2)), std::invalid_argument);
}

} // namespace
