// SPDX-License-Identifier: MIT
#include <hocket/algorithm/sort/parallel_stable_sort.hpp>

#include "sort_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace sort_test;

template<class T, class... Order>
void expect_stable(std::vector<T> const& input, Order const&... order) {
    std::vector<T> expected = input;
    std::ranges::stable_sort(expected, order...);
    for (thread_pool* pool : pools()) {
        std::vector<T> v = input;
        parallel_stable_sort(*pool, v, order...);
        ASSERT_TRUE(v == expected) << input.size() << " elements, " << pool->size() << " workers";
    }
}

TEST(parallel_stable_sort, keeps_equal_elements_in_order_at_every_small_size) {
    for (std::size_t n = 0; n <= 1000; n += stress_test::sanitized ? 41 : 1) {
        auto const which = n % patterns.size();
        expect_stable(many<item>(which, n), by_key);
        expect_stable(many<item>(which, n), std::greater<>(), &item::key);
    }
}

TEST(parallel_stable_sort, keeps_equal_elements_in_order_in_every_pattern) {
    for (std::size_t const n : large_sizes())
        for (std::size_t which = 0; which < patterns.size(); ++which) {
            SCOPED_TRACE(patterns[which]);
            expect_stable(many<item>(which, n), by_key);
            expect_stable(many<item>(which, n), std::greater<>(), &item::key);
        }
}

/// Returns ascending keys, `each` of every key. A few of them are moved: anywhere, to a place nearby, or to the end of
/// a block.
std::vector<item> few_out_of_place(std::size_t n, std::uint32_t each, unsigned how, unsigned seed) {
    std::mt19937 dice(seed);
    std::vector<std::uint32_t> keys(n);
    for (std::uint32_t i = 0; i < n; ++i) keys[i] = i / each;
    for (std::size_t i = 0; i < n / 100; ++i) {
        std::size_t const from = dice() % n;
        std::size_t const near = std::min(n - 1, from + dice() % 50);
        std::size_t const edge = std::min(n - 1, (dice() % (n >> 13) + 1) * (std::size_t{1} << 13) - dice() % 3);
        std::swap(keys[from], keys[how == 0 ? dice() % n : how == 1 ? near : edge]);
    }
    std::vector<item> v;
    for (std::uint32_t const key : keys)
        v.push_back({static_cast<std::int32_t>(key), static_cast<std::uint32_t>(v.size())});
    return v;
}

TEST(parallel_stable_sort, keeps_equal_elements_in_order_where_few_are_out_of_place) {
    unsigned seed = 0;
    for (std::size_t const n : {32'768UL, 41'000UL, 100'000UL})
        for (std::uint32_t const each : {1U, 3U, 40U, 5000U})
            for (unsigned const how : {0U, 1U, 2U}) {
                SCOPED_TRACE(std::to_string(each) + " of each, moved in way " + std::to_string(how));
                expect_stable(few_out_of_place(n, each, how, ++seed), by_key);
            }
}

TEST(parallel_stable_sort, keeps_large_elements_and_strings_in_order) {
    for (std::size_t const n : {40UL, 5000UL, 33'000UL}) {
        expect_stable(many<bulky>(5, n), by_key);
        expect_stable(many<bulky>(5, n), std::less<>(), &bulky::key);
        expect_stable(many<std::string>(0, n), [](auto const& a, auto const& b) { return a.size() < b.size(); });
    }
}

TEST(parallel_stable_sort, takes_zeros_of_both_signs_as_equal) {
    for (std::size_t const n : {20UL, 600UL, 50'000UL}) {
        std::vector<double> v;
        for (std::uint32_t const x : pattern(0, n))
            v.push_back(x % 4 == 0 ? 0.0 : x % 4 == 1 ? -0.0 : x % 8 == 2 ? 1.0 : -1.0);
        auto const signs = [](std::vector<double> const& of) {
            std::vector<bool> result;
            for (double const x : of)
                if (x == 0) result.push_back(std::signbit(x));
            return result;
        };
        auto const before = signs(v);
        parallel_stable_sort(v);
        EXPECT_TRUE(std::ranges::is_sorted(v));
        EXPECT_EQ(signs(v), before);
        parallel_stable_sort(v, std::greater<>());
        EXPECT_EQ(signs(v), before);
    }
}

TEST(parallel_stable_sort, takes_options_in_every_form) {
    std::vector<int> v = {2, 3, 1};
    parallel_stable_sort(v, {.grain = 7});
    parallel_stable_sort(v, std::greater<>(), {.schedule = schedule::dynamic});
    parallel_stable_sort(*pools()[1], v, std::greater<>(), [](int x) { return -x; }, {.schedule = schedule::fixed});
    EXPECT_EQ(v, (std::vector<int>{1, 2, 3}));
}

} // namespace
