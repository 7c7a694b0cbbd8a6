// SPDX-License-Identifier: MIT
// Tests of parallel_find, parallel_find_if_not, parallel_find_first_of and parallel_adjacent_find against the standard
// algorithms.
#include <hocket/algorithm/search/parallel_find.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_find, finds_what_the_standard_finds) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8191, 100'000})) {
            std::vector<int> values(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i / 2);
            for (int const wanted : {-1, 0, n / 4, n / 2 - 1})
                for (std::uint64_t const grain : numbers{0, 3}) {
                    auto const expected = std::find(values.begin(), values.end(), wanted);
                    ASSERT_EQ(parallel_find(*pool, values, wanted, {.grain = grain}), expected);
                    ASSERT_EQ(parallel_find(*pool, values.begin(), values.end(), wanted, {.grain = grain}), expected);
                }
        }
}

TEST(parallel_find, takes_other_types_projections_integers_and_lists) {
    std::vector<std::string> const words{"one", "three", "five"};
    EXPECT_EQ(parallel_find(words, "three") - words.begin(), 1);
    EXPECT_EQ(parallel_find(words, 4, &std::string::size) - words.begin(), 2);
    EXPECT_EQ(parallel_find(0, 1000, 77U), 77);
    EXPECT_EQ(parallel_find(0, 1000, -1), 1000);
    EXPECT_EQ(parallel_find(0, 10, 9, [](int i) { return i * i; }), 3);
    std::list<int> const list{4, 5, 6};
    EXPECT_EQ(*parallel_find(list, 5), 5);
    EXPECT_EQ(parallel_find(list, 7), list.end());
}

TEST(parallel_find, fails_and_stops_as_a_search) {
    struct thrower {
        bool operator==(int i) const {
            if (i == 100) throw failure_at(i);
            return i == 150;
        }
    };
    std::vector<int> values(1000);
    for (int i = 0; i < 1000; ++i) values[static_cast<std::size_t>(i)] = i;
    std::stop_source source;
    source.request_stop();
    for (thread_pool* pool : pools()) {
        EXPECT_THROW(static_cast<void>(parallel_find(*pool, values, thrower())), failure_at);
        EXPECT_THROW(static_cast<void>(parallel_find(*pool, values, 3, {.stop = source.get_token()})),
                     operation_cancelled);
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_find_if_not, finds_the_first_that_does_not_pass) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 64, 1000, 30'000})
            for (int const at : {0, n / 2, n}) {
                auto const is_before = [at](int i) { return i < at; };
                ASSERT_EQ(parallel_find_if_not(*pool, 0, n, is_before, {.grain = 5}), at);
            }
    std::vector<std::string> const words{"", "", "x", ""};
    EXPECT_EQ(parallel_find_if_not(
                  words, [](std::size_t size) { return size == 0; }, &std::string::size),
              words.begin() + 2);
}

TEST(parallel_find_first_of, finds_what_the_standard_finds) {
    std::vector<int> const wanted{7000, 90, 5000};
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 89, 90, 91, 5001, 10'000}) {
            std::vector<int> values(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i);
            if (n > 5000) values[90] = 0;
            auto const expected = std::find_first_of(values.begin(), values.end(), wanted.begin(), wanted.end());
            ASSERT_EQ(parallel_find_first_of(*pool, values, wanted, {.grain = 7}), expected);
            ASSERT_EQ(parallel_find_first_of(*pool, values.begin(), values.end(), wanted.begin(), wanted.end()),
                      expected);
            ASSERT_EQ(parallel_find_first_of(*pool, values, std::vector<int>()), values.end());
        }
    std::vector<std::string> const words{"a", "bbb", "cc"};
    auto const found =
        parallel_find_first_of(words, std::list<std::size_t>{2, 3}, std::equal_to<>(), &std::string::size);
    EXPECT_EQ(*found, "bbb");
}

TEST(parallel_adjacent_find, finds_what_the_standard_finds) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({30'000}))
            for (int const at : {0, n / 2, n - 2, n - 1, n}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i);
                for (int i : {at + 1, at + 30})
                    if (i > 0 && i < n) values[static_cast<std::size_t>(i)] = i - 1;
                auto const expected = std::adjacent_find(values.begin(), values.end());
                ASSERT_EQ(parallel_adjacent_find(*pool, values, {.grain = 4}), expected);
                ASSERT_EQ(parallel_adjacent_find(*pool, values.begin(), values.end(), std::greater<>()),
                          std::adjacent_find(values.begin(), values.end(), std::greater<>()));
            }
    std::vector<std::string> const words{"one", "two", "three"};
    EXPECT_EQ(parallel_adjacent_find(words, {}, &std::string::size), words.begin());
    EXPECT_EQ(parallel_adjacent_find(0, 100, [](int a, int b) { return a * b == 90; }), 9);
}

} // namespace
