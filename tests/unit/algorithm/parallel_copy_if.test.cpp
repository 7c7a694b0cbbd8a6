// SPDX-License-Identifier: MIT
// Tests of parallel_copy_if: the standard's result, each element tested once and copied once, errors.
#include <hocket/algorithm/filter/parallel_copy_if.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_copy_if, chooses_what_the_standard_chooses) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({2047, 2048, 2049, 8191, 8192, 8193, 131'072, 300'001}))
            for (auto const choice : choices) {
                std::vector<int> values(static_cast<std::size_t>(n)), expected;
                std::iota(values.begin(), values.end(), 0);
                std::copy_if(values.begin(), values.end(), std::back_inserter(expected), choice);
                std::vector<int> chosen = parallel_copy_if(*pool, values, choice);
                ASSERT_EQ(chosen, expected);
                chosen.push_back(1); // a vector like any other
                std::vector<int> into(expected.size() + 1, -1);
                auto const end = parallel_copy_if(*pool, values, into.begin(), choice);
                ASSERT_EQ(end, into.end() - 1);
                into.pop_back();
                ASSERT_EQ(into, expected);
            }
}

TEST(parallel_copy_if, cuts_into_blocks_of_grain_with_every_schedule) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (std::uint64_t const grain : numbers{1, 7, 64, 1000})
                for (auto const choice : choices) {
                    auto const text = [](int i) { return std::to_string(i); };
                    std::vector<std::string> words, expected;
                    for (int i = 0; i < 2500; ++i) words.push_back(text(i));
                    auto const chosen_word = [&](std::string const& word) { return choice(std::stoi(word)); };
                    std::copy_if(words.begin(), words.end(), std::back_inserter(expected), chosen_word);
                    loop_options const options{.grain = grain, .schedule = how};
                    ASSERT_EQ(parallel_copy_if(*pool, words, chosen_word, options), expected);
                    std::deque<std::string> into(2500);
                    auto const end = parallel_copy_if(*pool, words, into.begin(), chosen_word, options);
                    ASSERT_TRUE(std::equal(into.begin(), end, expected.begin(), expected.end()));

                    std::vector<int> numbers_chosen = parallel_copy_if(*pool, index_range(0, 2500), choice, options);
                    ASSERT_EQ(numbers_chosen.size(), expected.size());
                }
}

TEST(parallel_copy_if, takes_projections_and_members) {
    std::vector<std::string> const words = {"a", "long", "", "abc"};
    auto const odd = [](std::size_t size) { return size % 2 == 1; };
    EXPECT_EQ(parallel_copy_if(words, odd, &std::string::size), (std::vector<std::string>{"a", "abc"}));
    EXPECT_EQ(parallel_copy_if(*pools()[1], words, odd, &std::string::size, {.grain = 1}),
              (std::vector<std::string>{"a", "abc"}));
    EXPECT_EQ(parallel_copy_if(words, &std::string::empty), std::vector<std::string>{""});
}

TEST(parallel_copy_if, returns_bits_for_bits) {
    std::vector<bool> bits(10'000);
    for (std::size_t i = 0; i < bits.size(); i += 3) bits[i] = true;
    EXPECT_EQ(parallel_copy_if(bits, [](bool bit) { return bit; }), std::vector<bool>(3334, true));
}

TEST(parallel_copy_if, copies_large_elements) {
    struct large {
        int value;
        std::array<char, 252> rest;
    };
    std::vector<large> values;
    for (int i = 0; i < 5000; ++i) values.push_back({i, {}});
    for (thread_pool* pool : pools()) {
        auto const even = parallel_copy_if(*pool, values, [](large const& x) { return x.value % 2 == 0; });
        ASSERT_EQ(even.size(), 2500U);
        for (int i = 0; i < 2500; ++i) ASSERT_EQ(even[static_cast<std::size_t>(i)].value, 2 * i);
    }
}

TEST(parallel_copy_if, tests_each_element_once_and_copies_the_chosen_ones_once) {
    static std::atomic<int> copies = 0, live = 0;
    struct noted {
        int value;
        explicit noted(int v) : value(v) { ++live; }
        noted(noted const& other) : value(other.value) { ++copies, ++live; }
        noted& operator=(noted const&) = delete;
        ~noted() { --live; }
    };
    {
        std::vector<noted> values;
        values.reserve(10'000);
        for (int i = 0; i < 10'000; ++i) values.emplace_back(i);
        for (thread_pool* pool : pools()) {
            std::atomic<int> tests = 0;
            copies = 0;
            auto const chosen = parallel_copy_if(*pool, values, [&](noted const& x) {
                ++tests;
                return x.value % 10 == 0;
            });
            ASSERT_EQ(tests, 10'000);
            ASSERT_EQ(copies, 1000);
            ASSERT_EQ(chosen.size(), 1000U);
            ASSERT_EQ(live, 11'000);
        }
        EXPECT_EQ(live, 10'000);
    }
}

TEST(parallel_copy_if, rethrows_what_the_predicate_throws_at_any_index) {
    for (thread_pool* pool : pools())
        for (int n = 1; n <= 200; n += sanitized_run() ? 39 : 13)
            for (int k = 0; k < n; ++k)
                for (std::uint64_t const grain : numbers{0, 5}) {
                    auto const pred = [k](int i) {
                        if (i == k) throw failure_at(i);
                        return true;
                    };
                    auto const pred_of_text = [k](std::string const& i) {
                        if (std::stoi(i) == k) throw failure_at(k);
                        return true;
                    };
                    std::vector<std::string> words;
                    for (int i = 0; i < n; ++i) words.push_back(std::to_string(i));
                    loop_options options{.grain = grain};
                    ASSERT_THROW(static_cast<void>(parallel_copy_if(*pool, index_range(0, n), pred, options)),
                                 failure_at);
                    ASSERT_THROW(static_cast<void>(parallel_copy_if(*pool, words, pred_of_text, options)), failure_at);
                    options.errors = error_policy::collect;
                    try {
                        static_cast<void>(parallel_copy_if(*pool, index_range(0, n), pred, options));
                        FAIL();
                    } catch (parallel_error const& error) {
                        ASSERT_EQ(error.failures().size(), 1U);
                        ASSERT_EQ(error.failures()[0].index, static_cast<std::uint64_t>(k));
                    }
                }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_copy_if, lists_every_failure) {
    auto const fails = [](int i) {
        if (i % 10 == 3) throw failure_at(i);
        return true;
    };
    auto const check = [](int n, auto const& copy) {
        try {
            copy();
            FAIL();
        } catch (parallel_error const& error) {
            ASSERT_EQ(error.failures().size(), static_cast<std::size_t>((n + 6) / 10));
            for (std::size_t i = 0; i < error.failures().size(); ++i) ASSERT_EQ(error.failures()[i].index, 10 * i + 3);
        }
    };
    loop_options const options{.errors = error_policy::collect};
    for (thread_pool* pool : pools())
        for (int const n : {10, 1000, 100'000}) {
            std::vector<int> values(static_cast<std::size_t>(n)), into(values);
            std::iota(values.begin(), values.end(), 0);
            check(n, [&] { static_cast<void>(parallel_copy_if(*pool, values, fails, options)); });
            check(n, [&] { parallel_copy_if(*pool, values, into.begin(), fails, options); });
            auto const small = parallel_copy_if(
                *pool, values, [](int i) { return i % 2 == 0; }, options);
            ASSERT_EQ(small.size(), values.size() / 2);
            ASSERT_EQ(small.back(), n - 2);
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_copy_if, stops) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        auto const pred = [&](int i) {
            if (i == 100) source.request_stop();
            return true;
        };
        EXPECT_THROW(
            static_cast<void>(parallel_copy_if(*pool, index_range(0, 1'000'000), pred, {.stop = source.get_token()})),
            operation_cancelled);
    }
}

} // namespace
