// SPDX-License-Identifier: MIT
#include <hocket/algorithm/sort/parallel_merge.hpp>

#include "sort_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace sort_test;

std::vector<item> sorted_items(std::size_t which, std::size_t n, unsigned seed) {
    std::vector<item> v = many<item>(which, n, seed);
    for (item& x : v) x.place += 1'000'000 * seed;
    std::ranges::stable_sort(v, by_key);
    return v;
}

TEST(parallel_merge, merges_every_size_as_std_does) {
    for (std::size_t which = 0; which < patterns.size(); ++which)
        for (std::size_t const n :
             {0UL, 1UL, 2UL, 100UL, 511UL, 512UL, 513UL, 5000UL, stress_test::sanitized ? 9000UL : 40'000UL})
            for (std::size_t const m : {0UL, 1UL, 600UL, stress_test::sanitized ? 7000UL : 30'000UL}) {
                auto const a = sorted_items(which, n, 1);
                auto const b = sorted_items(which, m, 2);
                std::vector<item> expected(n + m);
                std::ranges::merge(a, b, expected.begin(), by_key);
                thread_pool& pool = *pools()[(n + m + which) % 4];
                std::vector<item> out(n + m);
                EXPECT_EQ(parallel_merge(pool, a, b, out, by_key), out.end());
                ASSERT_EQ(out, expected);
                std::vector<item> projected(n + m);
                parallel_merge(pool, a, b, projected.begin(), std::less<>(), &item::key, &item::key);
                ASSERT_EQ(projected, expected);
            }
}

TEST(parallel_merge, merges_what_is_not_plain) {
    std::vector<std::string> a = many<std::string>(0, 3000, 1);
    std::deque<std::string> b;
    for (auto& word : many<std::string>(0, 5000, 2)) b.push_back(word);
    std::ranges::sort(a);
    std::ranges::sort(b);
    std::vector<std::string> expected(8000), out(8000);
    std::ranges::merge(a, b, expected.begin());
    parallel_merge(a, b, out);
    EXPECT_EQ(out, expected);
    EXPECT_EQ(a.size(), 3000U);
    EXPECT_EQ(a[0].empty(), false);

    std::vector<long> longs(4);
    parallel_merge(std::vector<int>{1, 3}, std::vector<short>{2, 4}, longs, {.grain = 1});
    EXPECT_EQ(longs, (std::vector<long>{1, 2, 3, 4}));
}

TEST(parallel_merge, stays_within_its_ranges_when_they_are_not_sorted) {
    std::mt19937 random(1);
    for (thread_pool* pool : pools())
        for (std::size_t const n : {100U, 3'000U, 50'000U}) {
            std::vector<int> a(n), b(n / 2), out(a.size() + b.size() + 1, -1);
            for (int& x : a) x = static_cast<int>(random() % 1000);
            for (int& x : b) x = static_cast<int>(random() % 1000);
            EXPECT_EQ(parallel_merge(*pool, a, b, out.begin()), out.end() - 1);
            EXPECT_EQ(out.back(), -1);
            for (std::size_t i = 0; i + 1 != out.size(); ++i) ASSERT_GE(out[i], 0);
        }
}

TEST(parallel_merge, refuses_a_range_that_is_too_short) {
    std::vector<int> const a = {1, 2}, b = {3};
    std::vector<int> out(2, 7);
    EXPECT_THROW(parallel_merge(a, b, out), std::invalid_argument);
    EXPECT_EQ(out, (std::vector<int>{7, 7}));
}

TEST(parallel_merge, rethrows_and_stops) {
    auto const a = pattern(1, 20'000), b = pattern(1, 30'000);
    std::vector<std::uint32_t> out(50'000);
    for (long const first : {1L, 100L, 10'000L}) {
        std::atomic<long> calls = first;
        EXPECT_THROW(parallel_merge(*pools()[1], a, b, out, failing_less{&calls}), failure_at);
    }
    std::stop_source source;
    source.request_stop();
    EXPECT_THROW(parallel_merge(a, b, out, {.stop = source.get_token()}), operation_cancelled);
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
