// SPDX-License-Identifier: MIT
// Tests of parallel_starmap: the parts of tuples become arguments. All else is the work of parallel_map.
#include <hocket/algorithm/loops/parallel_starmap.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_starmap, spreads_tuples_pairs_and_arrays) {
    std::vector<std::tuple<int, std::string, char>> const tuples = {{1, "a", 'x'}, {2, "b", 'y'}};
    auto const f = [](int n, std::string const& s, char c) { return std::to_string(n) + s + c; };
    EXPECT_EQ(parallel_starmap(tuples, f), (std::vector<std::string>{"1ax", "2by"}));
    std::vector<std::pair<int, int>> const pairs = {{2, 3}, {4, 5}};
    auto const product = [](auto a, auto b) { return a * b; };
    EXPECT_EQ(parallel_starmap(pairs, product), (std::vector<int>{6, 20}));
    EXPECT_EQ(parallel_starmap(std::vector<std::array<int, 2>>{{2, 3}}, product, {.grain = 1}), (std::vector<int>{6}));
    std::vector<int> out(2);
    parallel_starmap(pairs, out, product);
    EXPECT_EQ(out, (std::vector<int>{6, 20}));
}

TEST(parallel_starmap, keeps_the_order_and_gives_access_to_the_elements) {
    for (thread_pool* pool : pools()) {
        std::vector<std::pair<int, std::unique_ptr<int>>> items;
        for (int i = 0; i < 3'000; ++i) items.emplace_back(i, nullptr);
        auto const results = parallel_starmap(*pool, items, [](int i, std::unique_ptr<int>& p) {
            p = std::make_unique<int>(i);
            return std::make_unique<int>(2 * i);
        });
        for (std::size_t i = 0; i < items.size(); ++i) {
            ASSERT_EQ(*items[i].second, static_cast<int>(i));
            ASSERT_EQ(*results[i], 2 * static_cast<int>(i));
        }
    }
}

TEST(parallel_starmap, throws_what_the_function_throws) {
    std::vector<std::pair<int, int>> const pairs(100, {1, 2});
    EXPECT_THROW(static_cast<void>(parallel_starmap(pairs, [](int, int) -> int { throw failure_at(1); })), failure_at);
}

} // namespace
