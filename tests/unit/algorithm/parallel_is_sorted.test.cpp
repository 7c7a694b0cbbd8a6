// SPDX-License-Identifier: MIT
// Tests of parallel_is_sorted, parallel_is_heap, parallel_is_partitioned and similar algorithms against the standard
// ones.
#include <hocket/algorithm/search/parallel_is_sorted.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_is_sorted, agrees_with_the_standard_wherever_the_order_breaks) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({50'000}))
            for (int const at : {-1, 0, 1, n / 2, n - 1})
                for (int const value : {-1, 1'000'000}) {
                    std::vector<int> values(static_cast<std::size_t>(n));
                    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i / 3);
                    if (at >= 0 && at < n) values[static_cast<std::size_t>(at)] = value;
                    ASSERT_EQ(parallel_is_sorted(*pool, values, {.grain = 5}),
                              std::is_sorted(values.begin(), values.end()));
                    ASSERT_EQ(parallel_is_sorted_until(*pool, values.begin(), values.end(), {.grain = 5}),
                              std::is_sorted_until(values.begin(), values.end()));
                    ASSERT_EQ(parallel_is_heap(*pool, values, std::greater<>(), {.grain = 5}),
                              std::is_heap(values.begin(), values.end(), std::greater<>()));
                    ASSERT_EQ(parallel_is_heap_until(*pool, values, std::greater<>()),
                              std::is_heap_until(values.begin(), values.end(), std::greater<>()));
                }
}

TEST(parallel_is_sorted, takes_projections_integers_and_lists) {
    std::vector<std::string> const words{"zz", "a", "bbb"};
    EXPECT_TRUE(parallel_is_sorted(
        words, [](std::size_t a, std::size_t b) { return a / 2 < b / 4; }, &std::string::size));
    EXPECT_EQ(parallel_is_sorted_until(words, {}, &std::string::size), words.begin() + 1);
    EXPECT_TRUE(parallel_is_sorted(0, 1000));
    EXPECT_EQ(parallel_is_sorted_until(0, 1000, std::greater<>()), 1);
    EXPECT_FALSE(parallel_is_sorted(std::list<int>{1, 3, 2}));
    EXPECT_TRUE(parallel_is_heap(std::vector<int>{5, 4, 3, 1, 2}));
}

TEST(parallel_is_partitioned, agrees_with_the_standard) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({20'000}))
            for (int const at : {0, n / 3, n})
                for (int const odd : {-1, 0, n / 5, n - 1}) {
                    std::vector<char> values(static_cast<std::size_t>(n));
                    for (int i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = (i < at) != (i == odd);
                    auto const is_set = [](char c) { return c != 0; };
                    ASSERT_EQ(parallel_is_partitioned(*pool, values, is_set, {.grain = 4}),
                              std::is_partitioned(values.begin(), values.end(), is_set));
                }
    EXPECT_TRUE(parallel_is_partitioned(0, 10, [](int i) { return i < 5; }));
}

TEST(parallel_is_sorted, fails_as_a_search) {
    auto const bad = [](int a, int) -> bool {
        if (a == 700) throw failure_at(a);
        return false;
    };
    std::vector<int> values(1000);
    std::iota(values.begin(), values.end(), 0);
    for (thread_pool* pool : pools()) {
        EXPECT_THROW(static_cast<void>(parallel_is_sorted(*pool, values, bad)), failure_at);
        EXPECT_THROW(static_cast<void>(parallel_is_partitioned(*pool, values, [&](int i) { return !bad(i, i); })),
                     failure_at);
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
