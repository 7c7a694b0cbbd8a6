// SPDX-License-Identifier: MIT
// Tests of parallel_remove_copy, parallel_remove_copy_if, parallel_unique_copy and parallel_partition_copy.
#include <hocket/algorithm/filter/parallel_remove_copy.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <numeric>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_remove_copy, copies_what_the_standard_copies) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8192, 100'000}))
            for (auto const choice : choices) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                std::vector<int> expected = values, out(values.size() + 1, -1);
                std::erase_if(expected, choice);
                ASSERT_EQ(parallel_remove_copy_if(*pool, values, choice, {.grain = 64}), expected);
                auto const end = parallel_remove_copy_if(*pool, values, out.begin(), choice);
                ASSERT_EQ(std::vector<int>(out.begin(), end), expected);
                ASSERT_EQ(*end, -1);
                expected = values;
                std::erase(expected, n / 2);
                ASSERT_EQ(parallel_remove_copy(*pool, values.begin(), values.end(), n / 2), expected);
                auto const last = parallel_remove_copy(*pool, values, out.begin(), n / 2);
                ASSERT_EQ(std::vector<int>(out.begin(), last), expected);
            }
    std::vector<std::string> const words{"one", "three", "two"};
    EXPECT_EQ(parallel_remove_copy(words, "three").size(), 2U);
    EXPECT_EQ(parallel_remove_copy(words, 3, &std::string::size), std::vector<std::string>{"three"});
    EXPECT_EQ(parallel_remove_copy_if(std::list<int>{1, 2, 3}, [](int i) { return i == 2; }), (std::vector<int>{1, 3}));
}

TEST(parallel_unique_copy, copies_what_the_standard_copies) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8192, 100'000}))
            for (unsigned const run : {1U, 2U, 5U, 20'000U}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                for (std::size_t i = 0; i < values.size(); ++i)
                    values[i] = static_cast<int>((i * 2654435761U >> 7 & 0xffff) / run);
                std::vector<int> expected(values.size()), out(values.size() + 1, -1);
                expected.erase(std::unique_copy(values.begin(), values.end(), expected.begin()), expected.end());
                auto const end = parallel_unique_copy(*pool, values, out.begin(), {.grain = 64});
                ASSERT_EQ(std::vector<int>(out.begin(), end), expected);
                ASSERT_EQ(*end, -1);
            }
    std::vector<std::string> const words{"a", "b", "cc", "dd", "e"};
    std::vector<std::string> out(5);
    EXPECT_EQ(parallel_unique_copy(words.begin(), words.end(), out.begin(), {}, &std::string::size) - out.begin(), 3);
    EXPECT_EQ(out, (std::vector<std::string>{"a", "cc", "e", "", ""}));
}

TEST(parallel_partition_copy, copies_what_the_standard_copies) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8192, 100'000}))
            for (auto const choice : choices) {
                std::vector<std::string> values(static_cast<std::size_t>(n > 1000 ? n / 50 : n));
                for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::to_string(i);
                auto const pred = [choice](std::string const& s) { return choice(std::stoi(s)); };
                std::vector<std::string> trues(values.size()), falses = trues, yes = trues, no = trues;
                std::partition_copy(values.begin(), values.end(), trues.begin(), falses.begin(), pred);
                auto const [t, f] =
                    parallel_partition_copy(*pool, values, yes.begin(), no.begin(), pred, {.grain = 64});
                ASSERT_EQ((t - yes.begin()) + (f - no.begin()), std::ssize(values));
                ASSERT_EQ(yes, trues);
                ASSERT_EQ(no, falses);
            }
}

TEST(parallel_partition_copy, writes_nothing_if_the_predicate_throws) {
    for (thread_pool* pool : pools())
        for (int const n : {10, 1000, 20'000}) {
            std::vector<int> yes(static_cast<std::size_t>(n), -1);
            std::vector<int> const before = yes;
            std::vector<int> no = yes;
            auto const bad = [n](int i) {
                if (i == n - 1) throw failure_at(i);
                return i % 2 == 0;
            };
            auto const same = [n](int, int b) {
                if (b == n - 1) throw failure_at(b);
                return false;
            };
            std::stop_source source;
            source.request_stop();
            ASSERT_THROW(parallel_partition_copy(*pool, 0, n, yes.begin(), no.begin(), bad), failure_at);
            ASSERT_THROW(parallel_unique_copy(*pool, 0, n, yes.begin(), same), failure_at);
            ASSERT_THROW(parallel_unique_copy(*pool, 0, n, yes.begin(), {.stop = source.get_token()}),
                         operation_cancelled);
            ASSERT_EQ(yes, before);
            ASSERT_EQ(no, before);
        }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
