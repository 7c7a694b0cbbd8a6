// SPDX-License-Identifier: MIT
// Tests of parallel_group_by: keys in the order of their first appearance, elements in the order of the range; errors.
#include <hocket/algorithm/parallel_group_by.hpp>

#include "algorithm_support.hpp"

#include <hocket/base/index_range.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

template<class Key, class Value, class F>
std::vector<std::pair<Key, std::vector<Value>>> expected_of(std::vector<Value> const& values, F const& key) {
    std::vector<std::pair<Key, std::vector<Value>>> groups;
    std::map<Key, std::size_t> numbers;
    for (Value const& value : values) {
        auto const [at, is_new] = numbers.emplace(key(value), groups.size());
        if (is_new) groups.emplace_back(at->first, std::vector<Value>());
        groups[at->second].second.push_back(value);
    }
    return groups;
}

TEST(parallel_group_by, keeps_the_order_of_keys_and_of_elements) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 100, 1000, 8191, 8192, 50'000})
            for (unsigned const keys : {1U, 2U, 100U, 1'000'000U}) {
                std::vector<int> values;
                for (int i = 0; i < n; ++i) values.push_back(i);
                auto const key = [keys](int i) { return static_cast<unsigned>(i) * 2654435761U % keys; };
                ASSERT_EQ(parallel_group_by(*pool, values, key), (expected_of<unsigned>(values, key)));
            }
}

TEST(parallel_group_by, groups_words_by_text_and_size) {
    std::vector<std::string> words;
    for (int i = 0; i < 20'000; ++i) words.push_back(std::to_string(i * i % 999));
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules) {
            auto const itself = [](std::string const& word) { return word; };
            ASSERT_EQ(parallel_group_by(*pool, words, itself, {.schedule = how}),
                      (expected_of<std::string>(words, itself)));
        }
    auto const by_size = parallel_group_by(words, &std::string::size);
    EXPECT_EQ(by_size.size(), 3U);
}

TEST(parallel_group_by, groups_by_a_bool) {
    auto const groups = parallel_group_by(index_range(0, 10), [](int i) { return i % 2 == 0; });
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0], std::pair(true, std::vector<int>{0, 2, 4, 6, 8}));
    EXPECT_EQ(groups[1], std::pair(false, std::vector<int>{1, 3, 5, 7, 9}));
}

TEST(parallel_group_by, rethrows_what_the_key_throws) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 100, 20'000}) {
            std::atomic<int> calls = 0;
            auto const key = [&](int i) {
                ++calls;
                if (i == n - 1) throw failure_at(i);
                return std::to_string(i % 10);
            };
            ASSERT_THROW(static_cast<void>(parallel_group_by(*pool, index_range(0, n), key)), failure_at);
            calls = 0;
            ASSERT_THROW(
                static_cast<void>(parallel_group_by(*pool, index_range(0, n), key, {.errors = error_policy::collect})),
                parallel_error);
            ASSERT_EQ(calls, n);
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_group_by, stops) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        auto const key = [&](int i) {
            if (i == 50) source.request_stop();
            return i % 7;
        };
        EXPECT_THROW(
            static_cast<void>(parallel_group_by(*pool, index_range(0, 100'000), key, {.stop = source.get_token()})),
            operation_cancelled);
    }
}

} // namespace
