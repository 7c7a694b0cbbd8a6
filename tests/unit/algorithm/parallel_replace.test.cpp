// SPDX-License-Identifier: MIT
// Tests of parallel_replace, parallel_replace_if and their copying forms against the standard algorithms.
#include <hocket/algorithm/write/parallel_replace.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_replace, replaces_what_the_standard_replaces) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({100'000}))
            for (auto const choice : choices) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                std::vector<int> const before = values;
                std::vector<int> expected = values, out(values.size());
                std::replace_if(expected.begin(), expected.end(), choice, -7);
                ASSERT_EQ(parallel_replace_copy_if(*pool, values, out, choice, -7, {.grain = 5}), out.end());
                ASSERT_EQ(out, expected);
                ASSERT_EQ(values, before);
                parallel_replace_if(*pool, values, choice, -7, {.grain = 5});
                ASSERT_EQ(values, expected);
                std::replace(expected.begin(), expected.end(), -7, 4);
                parallel_replace_copy(*pool, values.begin(), values.end(), out.begin(), -7, 4);
                ASSERT_EQ(out, expected);
                parallel_replace(*pool, values.begin(), values.end(), -7, 4, {.grain = 5});
                ASSERT_EQ(values, expected);
            }
}

TEST(parallel_replace, takes_projections_and_other_types) {
    std::vector<std::string> words{"one", "three", "two"};
    parallel_replace(words, 3, "none", &std::string::size);
    EXPECT_EQ(words, (std::vector<std::string>{"none", "three", "none"}));
    std::vector<std::string> out(3);
    parallel_replace_copy_if(
        words, out, [](std::size_t n) { return n > 4; }, "long", &std::string::size);
    EXPECT_EQ(out, (std::vector<std::string>{"none", "long", "none"}));
    std::vector<std::uint64_t> counts{0, 1, 0};
    parallel_replace(counts, 0, 9);
    EXPECT_EQ(counts, (std::vector<std::uint64_t>{9, 1, 9}));
    std::vector<int> copied(3);
    parallel_replace_copy(std::list<int>{1, 2, 1}, copied, 1, 5);
    EXPECT_EQ(copied, (std::vector<int>{5, 2, 5}));
    EXPECT_THROW(parallel_replace_copy(0, 4, copied, 1, 5), std::invalid_argument);
}

TEST(parallel_replace, fails_and_stops_as_a_loop) {
    std::stop_source source;
    source.request_stop();
    for (thread_pool* pool : pools()) {
        std::vector<int> values(1000);
        std::iota(values.begin(), values.end(), 0);
        std::vector<int> const before = values;
        auto const bad = [](int i) -> bool {
            if (i % 300 == 77) throw failure_at(i);
            return true;
        };
        EXPECT_THROW(parallel_replace_if(*pool, values, bad, 5, {.stop = source.get_token()}), operation_cancelled);
        EXPECT_EQ(values, before);
        try {
            parallel_replace_if(*pool, values, bad, 5, {.errors = error_policy::collect});
            FAIL();
        } catch (parallel_error const& error) {
            ASSERT_EQ(error.failures().size(), 4U);
            EXPECT_EQ(error.failures()[3].index, 977U);
        }
        EXPECT_EQ(std::count(values.begin(), values.end(), 5), 996);
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
