// SPDX-License-Identifier: MIT
// Tests of parallel_find_if, any_of, all_of and none_of: the first hit whatever the timing, and the effect of failures
// on it.
#include <hocket/algorithm/search/parallel_find_if.hpp>

#include "algorithm_support.hpp"

#include <hocket/base/progress.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/iterator_range.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// Takes a while, so that other workers join.
void dawdle() {
    for (int i = 0; i < 200; ++i) asm volatile("");
}

TEST(parallel_find_if, finds_the_first_hit_for_every_length_and_place) {
    for (thread_pool* pool : pools())
        for (int n = 0; n <= 130; n = n < 70 ? n + 1 : n + 29) {
            std::vector<int> values(static_cast<std::size_t>(n), 0);
            auto const is_set = [](int x) { return x != 0; };
            ASSERT_EQ(parallel_find_if(*pool, values, is_set), values.end());
            for (int hit = n; hit-- != 0;) {
                values[static_cast<std::size_t>(hit)] = 1; // and all elements behind it
                ASSERT_EQ(parallel_find_if(*pool, values, is_set) - values.begin(), hit);
            }
        }
}

TEST(parallel_find_if, finds_the_first_of_many_hits_in_long_ranges) {
    std::vector<std::uint32_t> values(300'000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint32_t>(i * 2'654'435'761U);
    for (thread_pool* pool : pools())
        for (std::uint32_t const limit : {4'294'967'295U, 4'294'900'000U, 4'290'000'000U, 4'000'000'000U, 1U})
            for (bool const slowly : {false, true}) {
                auto const is_large = [=](std::uint32_t x) {
                    if (slowly) dawdle();
                    return x >= limit;
                };
                auto const expected =
                    std::find_if(values.begin(), values.end(), [=](std::uint32_t x) { return x >= limit; });
                ASSERT_EQ(parallel_find_if(*pool, values, is_large), expected);
                ASSERT_EQ(parallel_any_of(*pool, values, is_large), expected != values.end());
                ASSERT_EQ(parallel_none_of(*pool, values, is_large), expected == values.end());
                ASSERT_EQ(parallel_all_of(*pool, values, is_large),
                          limit == 0U || *std::min_element(values.begin(), values.end()) >= limit);
                if (sanitized_run()) break;
            }
}

TEST(parallel_find_if, begins_blocks_in_order_and_looks_at_nothing_far_behind_the_hit) {
    for (thread_pool* pool : pools()) {
        std::atomic<int> looked_at = 0;
        int const n = 100'000'000;
        auto const hit = parallel_find_if(*pool, index_range(0, n), [&](int i) {
            looked_at.fetch_add(1, std::memory_order_relaxed);
            return i == 20'000;
        });
        EXPECT_EQ(*hit, 20'000);
        EXPECT_LT(looked_at.load(), n / 8);
    }
}

TEST(parallel_find_if, looks_at_no_element_twice) {
    for (thread_pool* pool : pools())
        for (int const hit : {-1, 0, 31, 32, 3'000, 39'999}) {
            std::vector<std::atomic<int>> looks(40'000);
            auto const test = [&](int i) {
                ++looks[static_cast<std::size_t>(i)];
                dawdle();
                return i == hit;
            };
            bool const found = parallel_any_of(*pool, index_range(0, 40'000), test);
            EXPECT_EQ(found, hit >= 0);
            int const all = hit < 0 ? 40'000 : hit + 1;
            for (int i = 0; i < 40'000; ++i)
                ASSERT_TRUE(looks[static_cast<std::size_t>(i)] == 1 ||
                            (i >= all && looks[static_cast<std::size_t>(i)] == 0))
                    << i;
        }
}

TEST(parallel_find_if, takes_projections_members_and_ranges_of_all_kinds) {
    struct person {
        std::string name;
        int age;
        bool is_tall() const { return age > 15; }
    };
    std::vector<person> const people = {{"a", 10}, {"b", 20}, {"c", 30}};
    EXPECT_EQ(parallel_find_if(
                  people, [](int age) { return age > 15; }, &person::age)
                  ->name,
              "b");
    EXPECT_EQ(parallel_find_if(people, &person::is_tall)->name, "b");
    EXPECT_EQ(parallel_find_if(people, [](int age) { return age > 25; }, &person::age, {.grain = 2})->name, "c");
    EXPECT_TRUE(parallel_any_of(
        people, [](std::string const& s) { return s == "c"; }, &person::name));
    EXPECT_TRUE(parallel_all_of(
        people, [](int age) { return age >= 10; }, &person::age));
    EXPECT_TRUE(parallel_none_of(
        people, [](int age) { return age > 30; }, &person::age));
    std::deque<int> numbers = {1, 2, 3};
    *parallel_find_if(numbers, [](int x) { return x == 2; }) = 5;
    EXPECT_EQ(numbers[1], 5);
    EXPECT_EQ(*parallel_find_if(iterator_range(numbers.begin(), numbers.end()), [](int x) { return x > 2; }), 5);
    EXPECT_TRUE(parallel_any_of(std::vector<bool>{false, true}, [](bool bit) { return bit; }));
    EXPECT_TRUE(parallel_any_of(std::vector<int>{1, 2}, [](int x) { return x == 2; })); // a temporary: nothing dangles
    EXPECT_FALSE(parallel_any_of(std::vector<int>{}, [](int) { return true; }));
    EXPECT_TRUE(parallel_all_of(std::vector<int>{}, [](int) { return false; }));
    EXPECT_TRUE(parallel_none_of(std::vector<int>{}, [](int) { return true; }));
    std::vector<std::unique_ptr<int>> owners(3);
    EXPECT_EQ(parallel_find_if(owners, [](std::unique_ptr<int>& p) { return p != nullptr; }), owners.end());
}

TEST(parallel_find_if, a_failure_counts_only_before_the_first_hit) {
    for (thread_pool* pool : pools())
        for (int const n : {40, 1'000, 50'000})
            for (int const hit : {0, 7, n / 3, n - 1, n})
                for (int const bad : {0, 5, n / 4, n / 2, n - 1})
                    for (bool const slowly : {false, true}) {
                        auto const test = [&](int i) {
                            if (slowly) dawdle();
                            if (i == bad || i == bad + 100) throw failure_at(i);
                            return i == hit;
                        };
                        index_range const range(0, n);
                        if (hit < bad) {
                            ASSERT_EQ(*parallel_find_if(*pool, range, test), hit);
                            ASSERT_EQ(*parallel_find_if(*pool, range, test, {.errors = error_policy::collect}), hit);
                        } else {
                            try {
                                static_cast<void>(parallel_find_if(*pool, range, test));
                                FAIL();
                            } catch (failure_at const& failure) {
                                ASSERT_EQ(failure.where, bad);
                            }
                            try {
                                static_cast<void>(
                                    parallel_find_if(*pool, range, test, {.errors = error_policy::collect}));
                                FAIL();
                            } catch (parallel_error const& error) {
                                ASSERT_EQ(error.failures()[0].index, static_cast<std::uint64_t>(bad));
                                bool const ends_there = hit > bad && hit < bad + 100; // an element that fails is no hit
                                ASSERT_EQ(error.failures().size(), bad + 100 < n && !ends_there ? 2U : 1U);
                            }
                        }
                        if (sanitized_run()) break;
                    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_find_if, stops_by_its_token) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        auto const test = [&](int i) {
            if (i == 1'000) source.request_stop();
            return false;
        };
        EXPECT_THROW(static_cast<void>(
                         parallel_find_if(*pool, index_range(0, 2'000'000'000), test, {.stop = source.get_token()})),
                     operation_cancelled);
        EXPECT_THROW(static_cast<void>(parallel_any_of(*pool, index_range(0, 1), test, {.stop = source.get_token()})),
                     operation_cancelled);
    }
}

TEST(parallel_find_if, tells_a_progress_object_that_it_is_through) {
    for (thread_pool* pool : pools())
        for (int const hit : {-1, 0, 5'000}) {
            progress bar;
            static_cast<void>(parallel_any_of(*pool, index_range(0, 100'000),
                                              [&](int i) {
                                                  dawdle();
                                                  return i == hit;
                                              },
                                              {.progress = &bar}));
            EXPECT_EQ(bar.total(), 100'000U);
            EXPECT_EQ(bar.done(), 100'000U);
            EXPECT_EQ(bar.fraction(), 1.0);
        }
}

TEST(parallel_find_if, runs_nested_searches_in_its_own_pool) {
    thread_pool pool({.workers = 3});
    int const rows = 200;
    EXPECT_EQ(*parallel_find_if(pool, index_range(0, rows),
                                [](int row) {
                                    return parallel_any_of(index_range(0, 1'000), [=](int i) {
                                        dawdle();
                                        return row == 150 && i == 999;
                                    });
                                }),
              150);
}

} // namespace
