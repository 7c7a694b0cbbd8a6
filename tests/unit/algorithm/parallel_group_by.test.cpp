// SPDX-License-Identifier: MIT
// Tests of parallel_group_by: keys in the order of their first appearance, elements in the order of the range; errors.
// Both of its methods are covered: few keys in each block of 16 Ki elements, and many in some block or in all blocks
// together.
#include <hocket/algorithm/group/parallel_group_by.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

/// A key that cannot be copied, whose hash and comparisons may throw or stop the whole call.
struct fragile_key {
    explicit fragile_key(int number) : counts(number) {}
    algorithm_test::counted counts;

    friend bool operator==(fragile_key const& a, fragile_key const& b) {
        if (a.counts.value == bad_to_compare && b.counts.value == bad_to_compare)
            throw algorithm_test::failure_at(bad_to_compare);
        return a.counts.value == b.counts.value;
    }
    static inline int bad_to_compare = -1;
    static inline int bad_to_hash = -1;
    static inline std::stop_source* stops = nullptr;
};

} // namespace

template<>
struct std::hash<fragile_key> {
    std::size_t operator()(fragile_key const& key) const {
        if (key.counts.value == fragile_key::bad_to_hash) {
            if (fragile_key::stops == nullptr) throw algorithm_test::failure_at(key.counts.value);
            fragile_key::stops->request_stop();
        }
        return static_cast<std::size_t>(key.counts.value);
    }
};

namespace {

using namespace hocket;
using namespace algorithm_test;

/// An element that counts its copies, its moves and its live objects; a copy may throw.
struct fragile_value {
    explicit fragile_value(int n) : number(n) { ++live; }
    fragile_value(fragile_value const& other) : number(other.number) {
        if (number == bad) throw failure_at(number);
        ++live;
        ++copies;
    }
    fragile_value(fragile_value&& other) noexcept : number(other.number) {
        ++live;
        ++moves;
    }
    ~fragile_value() { --live; }

    int number;
    static inline int bad = -1;
    static inline std::atomic<int> live = 0, copies = 0, moves = 0;
};

/// Key functions that give few keys, or many keys, to 50,000 elements; each has some keys that are alone in their
/// block.
constexpr int some = 50'000;
constexpr auto few_keys = [](int i) { return i % 20'000 == 7 ? 1000 : i % 100; };
constexpr auto many_keys = [](int i) { return i % 20'000 == 7 ? 100'000 : i % 11'000; };
constexpr std::array<int (*)(int), 2> few_or_many = {few_keys, many_keys};

/// Returns the pools for tests with many large inputs: two of them where each step is ten times slower.
std::vector<thread_pool*> pools_for_many() {
    auto const all = pools();
    if (sanitized_run()) return {all[0], all[2]};
    return {all.begin(), all.end()};
}

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

TEST(parallel_group_by, is_the_same_with_few_keys_and_with_many) {
    constexpr int block = 16 * 1024, most = block / 8;
    for (int const n : {block - 1, block, block + 1, 3 * block + 5, 6 * block}) {
        std::vector<int> values;
        for (int i = 0; i < n; ++i) values.push_back(i);
        if (sanitized_run() && n != 3 * block + 5) continue;
        for (int const keys : {most, most + 1, most - 1, 5000}) {
            if (sanitized_run() && keys < most) break;
            for (int const shape : {0, 1, 2, 3, 4}) {
                auto const key = [=](int i) -> std::int64_t {
                    if (shape == 0) return i % keys;                               // all keys at once
                    if (shape == 1) return i < n - keys ? i % 10 : i;              // many in the last blocks only
                    if (shape == 2) return i < keys ? i : i % 10;                  // many in the first block only
                    if (shape == 3) return i / block * 1'000'000 + i % (keys / 2); // keys of its own in each block
                    return i / (block / keys);                                     // each key in one place
                };
                auto const expected = expected_of<std::int64_t>(values, key);
                for (thread_pool* pool : pools_for_many())
                    ASSERT_EQ(parallel_group_by(*pool, values, key), expected) << n << ' ' << keys << ' ' << shape;
            }
        }
    }
}

TEST(parallel_group_by, groups_texts_by_text) {
    for (int const keys : {3, 1000, 9000}) {
        std::vector<std::string> texts;
        for (int i = 0; i < some; ++i)
            texts.push_back("a text that is too long to lie in the string itself: " + std::to_string(i * 7 % keys));
        auto const key = [](std::string const& text) { return text.substr(2); };
        auto const expected = expected_of<std::string>(texts, key);
        for (thread_pool* pool : pools_for_many()) ASSERT_EQ(parallel_group_by(*pool, texts, key), expected);
    }
}

TEST(parallel_group_by, copies_each_element_once_and_ends_the_life_of_all) {
    {
        std::vector<fragile_value> values;
        for (int i = 0; i < some; ++i) values.emplace_back(i);
        for (thread_pool* pool : pools())
            for (auto const number : few_or_many) {
                auto const key = [=](fragile_value const& value) { return fragile_key(number(value.number)); };
                fragile_value::copies = fragile_value::moves = 0;
                auto const groups = parallel_group_by(*pool, values, key);
                ASSERT_EQ(fragile_value::copies, some);
                if (detail::adopting_vector<fragile_value>::can_adopt) {
                    ASSERT_EQ(fragile_value::moves, 0);
                }
                ASSERT_EQ(fragile_value::live, 2 * some);
                ASSERT_EQ(static_cast<std::size_t>(counted::live), groups.size());
                for (auto const& [name, members] : groups)
                    for (std::size_t m = 0; m != members.size(); ++m) {
                        ASSERT_EQ(number(members[m].number), name.counts.value);
                        if (m != 0) {
                            ASSERT_LT(members[m - 1].number, members[m].number);
                        }
                    }
            }
    }
    EXPECT_EQ(fragile_value::live, 0);
    EXPECT_EQ(counted::live, 0);
}

TEST(parallel_group_by, rethrows_what_copies_hashes_and_comparisons_throw) {
    std::vector<fragile_value> values;
    for (int i = 0; i < some; ++i) values.emplace_back(i);
    auto const fails = [&](thread_pool& pool, int& bad, int one, auto number) {
        bad = one;
        auto const key = [=](fragile_value const& value) { return fragile_key(number(value.number)); };
        for (error_policy const how : {error_policy::first, error_policy::collect}) {
            EXPECT_THROW(static_cast<void>(parallel_group_by(pool, values, key, {.errors = how})), failure_at);
            EXPECT_EQ(counted::live, 0);
            EXPECT_EQ(fragile_value::live, some);
        }
        bad = -1;
    };
    for (thread_pool* pool : pools_for_many())
        for (auto const number : few_or_many) {
            for (int const bad : {0, 20'000, some - 1}) fails(*pool, fragile_value::bad, bad, number);
            for (int const bad : {0, 99, number(7)}) {
                fails(*pool, fragile_key::bad_to_hash, bad, number);
                fails(*pool, fragile_key::bad_to_compare, bad, number);
            }
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_group_by, stops_behind_the_keys) {
    for (thread_pool* pool : pools())
        for (auto const number : few_or_many) {
            std::stop_source source;
            fragile_key::stops = &source;
            fragile_key::bad_to_hash = number(7);
            auto const key = [=](int i) { return fragile_key(number(i)); };
            EXPECT_THROW(
                static_cast<void>(parallel_group_by(*pool, index_range(0, some), key, {.stop = source.get_token()})),
                operation_cancelled);
            EXPECT_EQ(counted::live, 0);
            fragile_key::stops = nullptr;
            fragile_key::bad_to_hash = -1;
        }
}

TEST(parallel_group_by, takes_each_key_that_does_not_equal_itself_for_another_one) {
    for (thread_pool* pool : pools_for_many())
        for (int const each : {7, 1000}) {
            auto const key = [=](int i) { return i % each == 0 ? std::numeric_limits<double>::quiet_NaN() : i % 3; };
            auto const groups = parallel_group_by(*pool, index_range(0, 20'000), key);
            ASSERT_EQ(groups.size(), static_cast<std::size_t>((20'000 + each - 1) / each + 3));
            ASSERT_EQ(groups[0].second, std::vector<int>{0});
        }
}

TEST(parallel_group_by, groups_packed_bits) {
    std::vector<bool> const bits(20'000, true);
    auto const groups = parallel_group_by(bits, [](bool bit) { return !bit; });
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0], std::pair(false, bits));
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
