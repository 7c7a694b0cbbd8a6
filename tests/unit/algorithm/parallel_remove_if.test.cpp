// SPDX-License-Identifier: MIT
// Tests of parallel_remove_if, parallel_remove and parallel_unique: the standard's result, nothing changed when the
// predicate throws.
#include <hocket/algorithm/filter/parallel_remove_if.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

std::vector<int> const sizes = lengths({8191, 8192, 8193, 131'072, 600'001});

TEST(parallel_remove_if, removes_what_the_standard_removes) {
    for (thread_pool* pool : pools())
        for (int const n : sizes)
            for (auto const choice : choices) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                std::vector<int> expected = values;
                std::erase_if(expected, choice);
                auto const rest = parallel_remove_if(*pool, values, choice);
                ASSERT_EQ(rest.end(), values.end());
                values.erase(rest.begin(), rest.end());
                ASSERT_EQ(values, expected);
            }
}

TEST(parallel_remove_if, moves_what_can_only_be_moved) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 10, 64, 65, 1000, 30'000})
            for (auto const choice : choices)
                for (std::uint64_t const grain : numbers{0, 64}) {
                    std::deque<std::unique_ptr<int>> owners;
                    std::vector<int> expected;
                    for (int i = 0; i < n; ++i) {
                        owners.push_back(std::make_unique<int>(i));
                        if (!choice(i)) expected.push_back(i);
                    }
                    auto const removed = [&](std::unique_ptr<int> const& owner) { return choice(*owner); };
                    auto const rest = parallel_remove_if(*pool, owners, removed, {.grain = grain});
                    owners.erase(rest.begin(), rest.end());
                    ASSERT_EQ(owners.size(), expected.size());
                    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(*owners[i], expected[i]);
                }
}

TEST(parallel_remove_if, takes_plain_elements_that_can_only_be_moved) {
    for (thread_pool* pool : pools())
        for (int const n : {10, 1000, 50'000}) {
            std::vector<plain_but_move_only> values;
            for (int i = 0; i < n; ++i) values.emplace_back(i);
            auto const rest =
                parallel_remove_if(*pool, values, [](plain_but_move_only const& e) { return e.value % 3 != 0; });
            ASSERT_EQ(rest.begin() - values.begin(), (n + 2) / 3);
            for (int i = 0; i < (n + 2) / 3; ++i) ASSERT_EQ(values[static_cast<std::size_t>(i)].value, 3 * i);
            for (plain_but_move_only& element : values) element.value /= 30;
            auto const others = parallel_unique(*pool, iterator_range(values.begin(), rest.begin()));
            ASSERT_EQ(others.begin() - values.begin(), (n - 1) / 30 + 1);
        }
}

TEST(parallel_remove_if, changes_nothing_if_the_predicate_throws) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 64, 65, 1000, 20'000})
            for (error_policy const errors : {error_policy::first, error_policy::collect}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                std::vector<int> const before = values;
                auto const pred = [n](int i) {
                    if (i == n - 1) throw failure_at(i);
                    return i % 2 == 0;
                };
                if (errors == error_policy::first)
                    ASSERT_THROW(parallel_remove_if(*pool, values, pred), failure_at);
                else
                    ASSERT_THROW(parallel_remove_if(*pool, values, pred, {.errors = errors}), parallel_error);
                ASSERT_EQ(values, before);
            }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_remove_if, lists_every_failure) {
    for (thread_pool* pool : pools())
        for (int const n : {10, 64, 65, 20'000}) {
            std::vector<int> values(static_cast<std::size_t>(n));
            std::iota(values.begin(), values.end(), 0);
            auto const pred = [](int i) {
                if (i % 10 == 3) throw failure_at(i);
                return i % 2 == 0;
            };
            try {
                parallel_remove_if(*pool, values, pred, {.errors = error_policy::collect});
                FAIL();
            } catch (parallel_error const& error) {
                ASSERT_EQ(error.failures().size(), static_cast<std::size_t>((n + 6) / 10));
                for (std::size_t i = 0; i < error.failures().size(); ++i)
                    ASSERT_EQ(error.failures()[i].index, 10 * i + 3);
            }
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_remove_if, changes_nothing_if_it_is_stopped) {
    for (thread_pool* pool : pools()) {
        std::vector<int> values(500'000);
        std::iota(values.begin(), values.end(), 0);
        std::vector<int> const before = values;
        std::stop_source source;
        auto const pred = [&](int i) {
            if (i == 100) source.request_stop();
            return i % 2 == 0;
        };
        EXPECT_THROW(parallel_remove_if(*pool, values, pred, {.stop = source.get_token()}), operation_cancelled);
        ASSERT_EQ(values, before);
    }
}

TEST(parallel_remove_if, leaves_as_many_objects_as_there_were) {
    static std::atomic<int> live = 0;
    struct noted {
        int value;
        explicit noted(int v) : value(v) { ++live; }
        noted(noted&& other) noexcept : value(other.value) { ++live; }
        noted& operator=(noted&&) = default;
        ~noted() { --live; }
    };
    {
        std::vector<noted> values;
        for (int i = 0; i < 20'000; ++i) values.emplace_back(i);
        for (thread_pool* pool : pools()) {
            parallel_remove_if(*pool, values, [](noted const& x) { return x.value % 3 == 0; });
            ASSERT_EQ(live, 20'000);
        }
    }
    EXPECT_EQ(live, 0);
}

TEST(parallel_remove, removes_what_the_standard_removes) {
    for (thread_pool* pool : pools())
        for (int const n : sizes) {
            std::vector<int> values(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i * 2654435761U >> 7 & 3);
            std::vector<int> expected = values;
            std::erase(expected, 2);
            auto const rest = parallel_remove(*pool, values, 2U, {.grain = 64});
            values.erase(rest.begin(), rest.end());
            ASSERT_EQ(values, expected);
        }
    std::vector<std::string> words{"one", "three", "two"};
    auto const rest = parallel_remove(words, words.front()); // the value may be an element of the range
    EXPECT_EQ(rest.begin() - words.begin(), 2);
    EXPECT_EQ(parallel_remove(words.begin(), rest.begin(), 3, &std::string::size).begin() - words.begin(), 1);
    EXPECT_EQ(words.front(), "three");
}

TEST(parallel_unique, keeps_what_the_standard_keeps) {
    for (thread_pool* pool : pools())
        for (int const n : sizes)
            for (unsigned const run : {1U, 2U, 5U, 20'000U}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                for (std::size_t i = 0; i < values.size(); ++i)
                    values[i] = static_cast<int>((i * 2654435761U >> 7 & 0xffff) / run + i / 30'000 % 2);
                if (run == 5) std::sort(values.begin(), values.end());
                std::vector<int> expected = values;
                expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
                auto const rest = parallel_unique(*pool, values);
                values.erase(rest.begin(), rest.end());
                ASSERT_EQ(values, expected);
            }
}

TEST(parallel_unique, takes_an_equivalence) {
    std::vector<std::string> words;
    for (int i = 0; i < 1000; ++i)
        words.push_back(std::string(static_cast<std::size_t>(i / 100), static_cast<char>('a' + i % 26)));
    auto const same_size = [](std::string const& a, std::string const& b) { return a.size() == b.size(); };
    auto const rest = parallel_unique(words, same_size, {.grain = 64});
    EXPECT_EQ(rest.begin() - words.begin(), 10);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(words[i].size(), i);
}

} // namespace
