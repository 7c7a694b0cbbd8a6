// SPDX-License-Identifier: MIT
#include <hocket/algorithm/sort/parallel_nth_element.hpp>

#include "sort_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace sort_test;

template<class T, class Less>
void expect_selected(std::vector<T> const& input, std::size_t k, Less const& less) {
    std::vector<T> sorted = input, first;
    std::ranges::sort(sorted, less);
    for (thread_pool* pool : pools()) {
        std::vector<T> v = input;
        auto const nth = v.begin() + static_cast<std::ptrdiff_t>(k);
        parallel_nth_element(*pool, v, nth, less);
        if (k < v.size()) {
            ASSERT_EQ(*nth, sorted[k]);
            ASSERT_TRUE(std::all_of(v.begin(), nth, [&](T const& x) { return !less(*nth, x); }));
            ASSERT_TRUE(std::all_of(nth, v.end(), [&](T const& x) { return !less(x, *nth); }));
        }
        if (first.empty()) first = v;
        ASSERT_EQ(v, first) << "other than with one worker";
        std::ranges::sort(v, less);
        ASSERT_EQ(v, sorted);
    }
}

TEST(parallel_nth_element, finds_every_rank_of_every_pattern) {
    for (std::size_t which = 0; which < patterns.size(); ++which)
        for (std::size_t const n : {0UL, 1UL, 2UL, 32UL, 33UL, 100UL, 255UL, 256UL, 1000UL, 8191UL, 8192UL,
                                    stress_test::sanitized ? 9000UL : 90'000UL})
            for (std::size_t const k : {std::size_t{0}, n / 7, n / 2, n - n / 50, n == 0 ? 0 : n - 1, n}) {
                SCOPED_TRACE(patterns[which]);
                expect_selected(pattern(which, n), k, std::less<>());
            }
}

TEST(parallel_nth_element, takes_strings_projections_and_options) {
    expect_selected(many<std::string>(0, 20'000), 5000, std::greater<>());
    std::deque<item> d;
    for (item const& x : many<item>(0, 20'000)) d.push_back(x);
    parallel_nth_element(d, d.begin() + 77, std::less<>(), &item::key, {.schedule = schedule::dynamic});
    EXPECT_EQ(std::count_if(d.begin(), d.end(), [&](item const& x) { return x.key < d[77].key; }), 77);
    std::vector<double> v = {3, 1, 2};
    parallel_nth_element(v, v.begin() + 1, {.grain = 1});
    EXPECT_EQ(v[1], 2);
    EXPECT_THROW(parallel_nth_element(v, v.end() + 1), std::invalid_argument);
}

TEST(parallel_nth_element, brings_elements_to_the_same_places_if_comparisons_take_long) {
    auto const slow = [](item const& a, item const& b) {
        auto const end = std::chrono::steady_clock::now() + std::chrono::microseconds(3);
        while (std::chrono::steady_clock::now() < end) {
        }
        return a.key < b.key;
    };
    for (std::size_t const n : {64UL, 100UL, 1000UL, 9000UL})
        for (std::size_t const which : {0UL, 5UL}) {
            std::size_t const k = n / 7;
            std::vector<item> v = many<item>(which, n), expected = v;
            parallel_nth_element(*pools()[2], v, v.begin() + static_cast<std::ptrdiff_t>(k), slow);
            parallel_nth_element(*pools()[0], expected, expected.begin() + static_cast<std::ptrdiff_t>(k),
                                 std::less<>(), &item::key);
            ASSERT_EQ(v, expected) << k << " of " << n;
        }
}

TEST(parallel_nth_element, loses_nothing_when_a_comparator_throws) {
    auto const input = pattern(0, 30'000);
    auto sorted = input;
    std::ranges::sort(sorted);
    for (long first = 1;; first = first * 2 + 1) {
        auto v = input;
        std::atomic<long> calls = first;
        bool threw = false;
        try {
            parallel_nth_element(*pools()[1], v, v.begin() + 1000, failing_less{&calls});
        } catch (failure_at const&) {
            threw = true;
        }
        std::ranges::sort(v);
        ASSERT_EQ(v, sorted);
        if (!threw) break;
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
