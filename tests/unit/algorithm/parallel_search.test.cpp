// SPDX-License-Identifier: MIT
// Tests of parallel_search, parallel_find_end and parallel_search_n against the standard algorithms.
#include <hocket/algorithm/search/parallel_search.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// Returns digits that contain each of the sequences somewhere.
std::vector<int> digits(int n, unsigned base) {
    std::vector<int> all(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>((i * 2654435761U >> 9) % base);
    return all;
}

TEST(parallel_search, finds_what_the_standard_finds) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({20'000}))
            for (int const length : {0, 1, 2, 5, 60, n})
                for (std::uint64_t const grain : numbers{0, 6}) {
                    std::vector<int> const values = digits(n, 3);
                    std::vector<int> wanted = digits(length, 3);
                    if (n > 100 && length < 50) wanted.assign(values.end() - length - n / 3, values.end() - n / 3);
                    ASSERT_EQ(parallel_search(*pool, values, wanted, {.grain = grain}),
                              std::search(values.begin(), values.end(), wanted.begin(), wanted.end()));
                    ASSERT_EQ(parallel_find_end(*pool, values, wanted, {.grain = grain}),
                              std::find_end(values.begin(), values.end(), wanted.begin(), wanted.end()));
                    wanted.assign(static_cast<std::size_t>(length), 7);
                    ASSERT_EQ(parallel_find_end(*pool, values.begin(), values.end(), wanted.begin(), wanted.end()),
                              std::find_end(values.begin(), values.end(), wanted.begin(), wanted.end()));
                }
}

TEST(parallel_search, takes_predicates_projections_and_lists) {
    std::string const text = "the quick brown fox jumps over the lazy dog";
    std::string const the = "THE";
    auto const same_letter = [](char a, char b) { return (a | 32) == (b | 32); };
    EXPECT_EQ(parallel_search(text, the, same_letter) - text.begin(), 0);
    EXPECT_EQ(parallel_find_end(text, the, same_letter) - text.begin(), 31);
    EXPECT_EQ(parallel_search(text, std::list<char>{'o', 'v'}) - text.begin(), 26);
    std::vector<std::string> const words{"a", "bb", "ccc", "dd"};
    EXPECT_EQ(parallel_search(words, std::vector<std::size_t>{3, 2}, {}, &std::string::size) - words.begin(), 2);
}

TEST(parallel_search_n, finds_what_the_standard_finds) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({20'000}))
            for (int const length : {-1, 0, 1, 2, 3, 7, 64, n - 1, n, n + 1})
                for (unsigned const base : {1U, 2U, 5U}) {
                    std::vector<int> const values = digits(n, base);
                    auto const expected = std::search_n(values.begin(), values.end(), length, 0);
                    ASSERT_EQ(parallel_search_n(*pool, values, length, 0, {.grain = 2}) - values.begin(),
                              expected - values.begin())
                        << n << " " << length << " " << base;
                }
}

TEST(parallel_search_n, takes_a_run_that_ends_in_the_next_group) {
    for (int const n : {1, 2, 3, 10, 33})
        for (int const first : {0, 1, 31, 32, 33, 64, 100})
            for (int const length : {n - 1, n, n + 1}) {
                std::vector<char> values(200, 'a');
                for (int i = 0; i < length; ++i) values[static_cast<std::size_t>(first + i)] = 'b';
                ASSERT_EQ(parallel_search_n(values, n, 'b'), std::search_n(values.begin(), values.end(), n, 'b'));
                auto const expected = std::search_n(values.begin(), values.end(), n, 'a', std::greater<>());
                ASSERT_EQ(parallel_search_n(values.begin(), values.end(), n, 'a', std::greater<>()), expected);
            }
    std::vector<std::string> const words{"a", "bb", "cc", "dd"};
    EXPECT_EQ(parallel_search_n(words, 2, 2, {}, &std::string::size), words.begin() + 1);
}

} // namespace
