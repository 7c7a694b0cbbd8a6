// SPDX-License-Identifier: MIT
// Tests of parallel_fill, copy, generate and iota: every element once, whatever the types.
#include <hocket/algorithm/write/parallel_fill.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/iterator_range.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_fill, writes_every_element_for_every_length) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (std::size_t n = 0; n <= 100'000; n = n < 70 ? n + 1 : n * 4) {
                std::vector<int> values(n + 2, -1);
                std::span<int> const inner = std::span(values).subspan(1, n);
                parallel_fill(*pool, inner, 7, {.schedule = how});
                for (int const x : inner) ASSERT_EQ(x, 7);
                parallel_iota(*pool, inner, 5, {.schedule = how});
                for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(inner[i], static_cast<int>(i) + 5);
                parallel_generate(*pool, inner, [](std::uint64_t i) { return static_cast<int>(i * i); },
                                  {.schedule = how});
                for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(inner[i], static_cast<int>(i * i));
                std::vector<int> copied(n);
                parallel_copy(*pool, inner, copied, {.schedule = how});
                ASSERT_TRUE(std::equal(inner.begin(), inner.end(), copied.begin()));
                parallel_generate(*pool, copied, [] { return 3; }, {.schedule = how});
                for (int const x : copied) ASSERT_EQ(x, 3);
                ASSERT_EQ(values.front(), -1);
                ASSERT_EQ(values.back(), -1);
            }
}

TEST(parallel_fill, assigns_what_has_to_be_copied) {
    std::vector<std::string> texts(1'000);
    parallel_fill(texts, std::string(100, 'x'));
    EXPECT_EQ(texts[999], std::string(100, 'x'));
    parallel_fill(texts, "literal");
    EXPECT_EQ(texts[0], "literal");
    std::deque<std::string> copied(1'000);
    parallel_copy(texts, copied);
    EXPECT_EQ(copied[500], "literal");
    std::vector<char> bytes(300'000);
    parallel_fill(bytes, 'b');
    EXPECT_EQ(std::accumulate(bytes.begin(), bytes.end(), 0L), 300'000L * 'b');
}

TEST(parallel_copy, converts_and_checks_the_length_first) {
    std::vector<int> const numbers = {1, 2, 3};
    std::vector<double> target(3);
    parallel_copy(numbers, target);
    EXPECT_EQ(target, (std::vector<double>{1, 2, 3}));
    parallel_copy(std::vector<bool>{true, false, true}, target.begin());
    EXPECT_EQ(target, (std::vector<double>{1, 0, 1}));
    std::vector<int> small(2);
    EXPECT_THROW(parallel_copy(numbers, small), std::invalid_argument);
    EXPECT_EQ(small, (std::vector<int>{0, 0}));
}

TEST(parallel_iota, counts_what_the_standard_counts) {
    std::vector<unsigned char> bytes(1'000);
    parallel_iota(bytes, static_cast<unsigned char>(250));
    EXPECT_EQ(bytes[10], 4);
    std::vector<double> reals(1'000);
    parallel_iota(reals, 0.5);
    EXPECT_EQ(reals[999], 999.5);
    std::vector<double*> places(1'000);
    parallel_iota(places, reals.data());
    EXPECT_EQ(*places[7], 7.5);
    std::vector<std::int64_t> edge(3);
    parallel_iota(edge, std::numeric_limits<std::int64_t>::max() - 2);
    EXPECT_EQ(edge[2], std::numeric_limits<std::int64_t>::max());
}

TEST(parallel_generate, fails_and_stops_as_a_loop) {
    std::vector<int> values(1'000);
    for (thread_pool* pool : pools()) {
        auto const bad = [](std::uint64_t i) {
            if (i >= 500 && i % 100 == 1) throw failure_at(static_cast<int>(i));
            return 1;
        };
        try {
            parallel_generate(*pool, values, bad, {.errors = error_policy::collect});
            FAIL();
        } catch (parallel_error const& error) {
            EXPECT_EQ(error.failures().size(), 5U);
            EXPECT_EQ(error.failures()[0].index, 501U);
        }
        EXPECT_THROW(parallel_generate(*pool, values, bad), failure_at);
    }
}

} // namespace
