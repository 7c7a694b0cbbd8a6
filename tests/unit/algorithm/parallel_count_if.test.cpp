// SPDX-License-Identifier: MIT
// Tests of parallel_count_if and parallel_count against the standard algorithms.
#include <hocket/algorithm/reduce/parallel_count_if.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_count_if, agrees_with_the_serial_one_for_every_length) {
    auto const test = [](std::uint64_t x) { return (x * 0x9e3779b97f4a7c15U >> 61) < 3; };
    for (thread_pool* pool : pools())
        for (std::uint64_t n = 0; n <= 200'000; n = n < 100 ? n + 1 : n * 3) {
            std::vector<std::uint64_t> values(n);
            for (std::uint64_t i = 0; i < n; ++i) values[i] = i;
            auto const expected = static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), test));
            ASSERT_EQ(parallel_count_if(*pool, values, test), expected);
            ASSERT_EQ(parallel_count_if(*pool, values, test, {.grain = 3}), expected);
        }
}

TEST(parallel_count_if, takes_projections_and_temporaries) {
    std::vector<std::string> const words = {"a", "bb", "ccc"};
    EXPECT_EQ(parallel_count_if(
                  words, [](std::size_t size) { return size > 1; }, &std::string::size),
              2U);
    EXPECT_EQ(parallel_count_if(words, &std::string::empty), 0U);
    EXPECT_EQ(parallel_count_if(std::vector<bool>{true, false, true}, [](bool b) { return b; }), 2U);
}

TEST(parallel_count_if, fails_and_stops_as_a_loop) {
    for (thread_pool* pool : pools()) {
        auto const bad = [](int i) -> bool {
            if (i % 300 == 77) throw failure_at(i);
            return true;
        };
        try {
            static_cast<void>(parallel_count_if(*pool, index_range(0, 1'000), bad, {.errors = error_policy::collect}));
            FAIL();
        } catch (parallel_error const& error) {
            ASSERT_EQ(error.failures().size(), 4U);
            EXPECT_EQ(error.failures()[0].index, 77U);
            EXPECT_EQ(error.total(), 1'000U);
        }
        EXPECT_THROW(static_cast<void>(parallel_count_if(*pool, index_range(0, 1'000), bad)), failure_at);
        std::stop_source source;
        source.request_stop();
        EXPECT_THROW(static_cast<void>(parallel_count_if(*pool, index_range(0, 9), bad, {.stop = source.get_token()})),
                     operation_cancelled);
    }
}

TEST(parallel_count, counts_what_the_standard_counts) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({100'000})) {
            std::vector<int> values(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i * 2654435761U >> 7 & 3);
            auto const expected = static_cast<std::uint64_t>(std::count(values.begin(), values.end(), 2));
            ASSERT_EQ(parallel_count(*pool, values, 2U), expected);
            ASSERT_EQ(parallel_count(*pool, values.begin(), values.end(), 2, {.grain = 3}), expected);
        }
    std::vector<std::string> const words = {"a", "bb", "cc"};
    EXPECT_EQ(parallel_count(words, "bb"), 1U);
    EXPECT_EQ(parallel_count(words, 2, &std::string::size), 2U);
    EXPECT_EQ(parallel_count(0, 100, 9, [](int i) { return i % 10; }), 10U);
}

} // namespace
