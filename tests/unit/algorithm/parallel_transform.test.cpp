// SPDX-License-Identifier: MIT
// Tests of parallel_transform and parallel_adjacent_difference against the standard algorithms.
#include <hocket/algorithm/loops/parallel_transform.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_transform, writes_what_the_standard_writes) {
    auto const twice = [](int x) { return 2 * x; };
    for (thread_pool* pool : pools())
        for (int const n : lengths({8191, 100'000}))
            for (std::uint64_t const grain : numbers{0, 3}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 5);
                std::vector<int> expected(values.size() + 1, -1), out = expected;
                std::transform(values.begin(), values.end(), expected.begin(), twice);
                ASSERT_EQ(parallel_transform(*pool, values, out, twice, {.grain = grain}), out.end() - 1);
                ASSERT_EQ(out, expected);
                std::transform(values.begin(), values.end(), expected.begin(), expected.begin(), std::minus<>());
                ASSERT_EQ(parallel_transform(*pool, values, out.begin(), out.begin(), std::minus<>(), {.grain = grain}),
                          out.end() - 1);
                ASSERT_EQ(out, expected);
            }
}

TEST(parallel_transform, takes_every_form_of_two_ranges) {
    std::vector<int> const a{1, 2, 3};
    std::list<int> const b{10, 20, 30, 40};
    std::vector<int> out(3);
    EXPECT_EQ(parallel_transform(a, b, out, std::plus<>()), out.end());
    EXPECT_EQ(out, (std::vector<int>{11, 22, 33}));
    parallel_transform(a.begin(), a.end(), a.begin(), a.end(), out.begin(), std::multiplies<>());
    EXPECT_EQ(out, (std::vector<int>{1, 4, 9}));
    EXPECT_EQ(parallel_transform(0, 3, std::vector<int>{5, 5}, out, std::plus<>()) - out.begin(), 2);
    EXPECT_EQ(out, (std::vector<int>{5, 6, 9}));
    parallel_transform(a, 7, 10, out, std::plus<>());
    EXPECT_EQ(out, (std::vector<int>{8, 10, 12}));
    std::vector<std::string> const words{"a", "bb"};
    std::vector<std::size_t> sizes(2);
    parallel_transform(words, sizes, &std::string::size);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2}));
}

TEST(parallel_transform, refuses_an_output_that_is_too_short) {
    std::atomic<int> calls = 0;
    std::vector<int> out(3);
    auto const f = [&](int x) { return ++calls, x; };
    auto const g = [&](int x, int) { return ++calls, x; };
    EXPECT_THROW(parallel_transform(0, 4, out, f), std::invalid_argument);
    EXPECT_THROW(parallel_transform(std::vector<int>(4), std::vector<int>(5), out, g), std::invalid_argument);
    EXPECT_EQ(calls, 0);
}

TEST(parallel_transform, fails_and_stops_as_a_loop) {
    std::vector<int> out(1000);
    std::stop_source source;
    source.request_stop();
    for (thread_pool* pool : pools()) {
        auto const bad = [](int x) -> int {
            if (x % 300 == 77) throw failure_at(x);
            return x;
        };
        try {
            parallel_transform(*pool, 0, 1000, out, bad, {.errors = error_policy::collect});
            FAIL();
        } catch (parallel_error const& error) {
            ASSERT_EQ(error.failures().size(), 4U);
            EXPECT_EQ(error.failures()[1].index, 377U);
        }
        auto const bad_pair = [&](int x, int) { return bad(x); };
        EXPECT_THROW(parallel_transform(*pool, 0, 1000, 0, 1000, out, bad_pair), failure_at);
        EXPECT_THROW(parallel_transform(*pool, 0, 1000, out, bad, {.stop = source.get_token()}), operation_cancelled);
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_adjacent_difference, writes_what_the_standard_writes) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({50'000})) {
            std::vector<int> values(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i * i % 1009);
            std::vector<int> expected(values.size()), out(values.size());
            std::adjacent_difference(values.begin(), values.end(), expected.begin());
            ASSERT_EQ(parallel_adjacent_difference(*pool, values, out, {.grain = 7}), out.end());
            ASSERT_EQ(out, expected);
            std::adjacent_difference(values.begin(), values.end(), expected.begin(), std::plus<>());
            parallel_adjacent_difference(*pool, values.begin(), values.end(), out.begin(), std::plus<>());
            ASSERT_EQ(out, expected);
        }
    std::vector<std::string> const words{"a", "b", "c"};
    std::vector<std::string> pairs(3);
    parallel_adjacent_difference(words, pairs, std::plus<>());
    EXPECT_EQ(pairs, (std::vector<std::string>{"a", "ba", "cb"}));
    std::vector<short> shorts(3);
    parallel_adjacent_difference(std::list<short>{4, 6, 9}, shorts);
    EXPECT_EQ(shorts, (std::vector<short>{4, 2, 3}));
    EXPECT_THROW(parallel_adjacent_difference(words, std::vector<std::string>(2), std::plus<>()),
                 std::invalid_argument);
}

} // namespace
