// SPDX-License-Identifier: MIT
// Tests of parallel_partial_sort, parallel_partial_sort_copy and parallel_inplace_merge against the standard
// algorithms.
#include <hocket/algorithm/sort/parallel_partial_sort.hpp>
#include <hocket/zip.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// Returns numbers that are all equal, sorted, reversed, of few different values, or of many.
std::vector<int> shaped(int n, int shape) {
    std::vector<int> all(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) {
        int const mixed = static_cast<int>(static_cast<unsigned>(i) * 2654435761U >> 8);
        int const values[] = {7, i, -i, mixed % 5, mixed};
        all[static_cast<std::size_t>(i)] = values[shape];
    }
    return all;
}

std::vector<int> const sizes = {0, 1, 2, 3, 17, 64, 1000, 8191, 8192, sanitized_run() ? 9000 : 40'000};

TEST(parallel_partial_sort, sorts_the_front_as_the_standard_does) {
    for (thread_pool* pool : pools())
        for (int const n : sizes)
            for (int const k : {0, 1, n / 10, n / 2, n})
                for (int shape = 0; shape < 5; ++shape) {
                    if (k > n) continue;
                    std::vector<int> const before = shaped(n, shape);
                    std::vector<int> values = before, expected = before, copied(static_cast<std::size_t>(k));
                    std::partial_sort(expected.begin(), expected.begin() + k, expected.end());
                    parallel_partial_sort(*pool, values, values.begin() + k);
                    ASSERT_TRUE(std::equal(values.begin(), values.begin() + k, expected.begin()));
                    ASSERT_EQ(parallel_partial_sort_copy(*pool, before, copied), copied.end());
                    ASSERT_TRUE(std::equal(copied.begin(), copied.end(), expected.begin()));
                    std::sort(values.begin(), values.end());
                    std::sort(expected.begin(), expected.end());
                    ASSERT_EQ(values, expected);
                }
}

TEST(parallel_partial_sort, takes_every_form) {
    std::vector<std::string> words{"eee", "a", "dd", "bbbb"};
    parallel_partial_sort(words, words.begin() + 2, std::greater<>(), &std::string::size);
    EXPECT_EQ(words[0] + words[1], "bbbbeee");
    parallel_partial_sort(words.begin(), words.begin() + 2, words.end());
    EXPECT_EQ(words[0] + words[1], "abbbb");
    std::vector<std::string> out(6);
    EXPECT_EQ(parallel_partial_sort_copy(std::list<std::string>{"x", "c"}, out) - out.begin(), 2);
    EXPECT_EQ(out[0] + out[1], "cx");
    parallel_partial_sort_copy(words.begin(), words.end(), out.begin(), out.begin() + 1, {}, &std::string::size);
    EXPECT_EQ(out[0] + out[1], "ax");
    std::deque<std::unique_ptr<int>> owners;
    for (int i = 0; i < 3000; ++i) owners.push_back(std::make_unique<int>(i * 7 % 3000));
    parallel_partial_sort(owners, owners.begin() + 100, std::less<>(), [](auto const& p) { return *p; });
    for (int i = 0; i < 100; ++i) ASSERT_EQ(*owners[static_cast<std::size_t>(i)], i);
    std::vector<int> v(3);
    EXPECT_THROW(parallel_partial_sort(v.begin() + 1, v.begin(), v.end()), std::invalid_argument);
}

TEST(parallel_inplace_merge, merges_as_the_standard_does) {
    auto const by_key = [](auto const& a, auto const& b) { return a.first < b.first; };
    for (thread_pool* pool : pools())
        for (int const n : sizes)
            for (int const k : {0, 1, n / 10, n / 2, n})
                for (int shape = 0; shape < 5; ++shape) {
                    if (k > n) continue;
                    std::vector<int> const keys = shaped(n, shape);
                    std::vector<std::pair<int, int>> expected;
                    for (int i = 0; i < n; ++i) expected.emplace_back(keys[static_cast<std::size_t>(i)], i);
                    std::stable_sort(expected.begin(), expected.begin() + k, by_key);
                    std::stable_sort(expected.begin() + k, expected.end(), by_key);
                    std::deque<std::pair<int, int>> values(expected.begin(), expected.end());
                    std::inplace_merge(expected.begin(), expected.begin() + k, expected.end(), by_key);
                    parallel_inplace_merge(*pool, values, values.begin() + k, by_key);
                    ASSERT_TRUE(std::equal(values.begin(), values.end(), expected.begin()));
                }
}

TEST(parallel_inplace_merge, merges_strings_and_columns) {
    std::vector<std::string> words;
    for (int const first : {0, 1})
        for (int i = first; i < 10'000; i += 2) words.push_back(std::to_string(100'000 + i));
    std::vector<int> places(words.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int>(2 * i % 10'000 + i / 5000);
    std::vector<std::string> copy = words;
    for (thread_pool* pool : pools()) {
        std::vector<std::string> merged = words;
        parallel_inplace_merge(*pool, merged.begin(), merged.begin() + 5000, merged.end());
        ASSERT_TRUE(std::is_sorted(merged.begin(), merged.end()));
    }
    auto const columns = zip(copy, places);
    parallel_inplace_merge(columns, columns.begin() + 5000,
                           [](auto const& a, auto const& b) { return std::get<0>(a) < std::get<0>(b); });
    for (int i = 0; i < 10'000; ++i) ASSERT_EQ(places[static_cast<std::size_t>(i)], i);
}

TEST(parallel_partial_sort, loses_nothing_when_a_comparison_throws_or_it_is_stopped) {
    for (thread_pool* pool : pools())
        for (int const n : {2, 100, 1000, 20'000})
            for (int const shape : {1, 4}) {
                std::vector<int> const before = shaped(n, shape);
                int const bad = before[static_cast<std::size_t>(n / 2)];
                auto const less = [bad](int a, int b) {
                    if (a == bad || b == bad) throw failure_at(a);
                    return a < b;
                };
                std::vector<int> values = before, merged = before, out(before.size(), -1);
                ASSERT_THROW(parallel_partial_sort(*pool, values, values.begin() + 1, less), failure_at);
                std::sort(merged.begin(), merged.begin() + n / 2);
                std::sort(merged.begin() + n / 2, merged.end());
                ASSERT_THROW(parallel_inplace_merge(*pool, merged, merged.begin() + n / 2, less), failure_at);
                ASSERT_THROW(parallel_partial_sort_copy(*pool, before, out, less), failure_at);
                std::vector<int> sorted = before;
                for (auto* each : {&values, &merged, &sorted}) std::sort(each->begin(), each->end());
                ASSERT_EQ(values, sorted);
                ASSERT_EQ(merged, sorted);
                std::stop_source source;
                source.request_stop();
                values = before;
                ASSERT_THROW(parallel_partial_sort(*pool, values, values.begin() + 1, {.stop = source.get_token()}),
                             operation_cancelled);
                ASSERT_EQ(values, before);
            }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
