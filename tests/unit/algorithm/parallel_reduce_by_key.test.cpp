// SPDX-License-Identifier: MIT
// Tests of parallel_reduce_by_key: runs of all lengths, also over many blocks; equal bits everywhere; errors.
#include <hocket/algorithm/group/parallel_reduce_by_key.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

template<class Key, class Value>
std::vector<std::pair<Key, Value>> expected_of(std::vector<Key> const& keys, std::vector<Value> const& values) {
    std::vector<std::pair<Key, Value>> runs;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (i != 0 && keys[i - 1] == keys[i])
            runs.back().second = runs.back().second + values[i];
        else
            runs.emplace_back(keys[i], values[i]);
    return runs;
}

std::vector<int> keys_of(int n, int run) {
    std::vector<int> keys;
    for (int i = 0; i < n; ++i) keys.push_back(i / run % 3 == 0 ? i / run : i / run / 2);
    return keys;
}

TEST(parallel_reduce_by_key, sums_each_run) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 63, 64, 65, 1000, 4096, 4097, 100'001})
            for (int const run : {1, 2, 7, 64, 5000, 1'000'000})
                for (std::uint64_t const grain : numbers{0, 1, 64}) {
                    if (grain != 0 && n > 5000) continue;
                    std::vector<int> const keys = keys_of(n, run);
                    std::vector<long> values;
                    for (int i = 0; i < n; ++i) values.push_back(i);
                    ASSERT_EQ(parallel_reduce_by_key(*pool, keys, values, std::plus<>(), {.grain = grain}),
                              expected_of(keys, values));
                }
}

TEST(parallel_reduce_by_key, keeps_the_order_of_an_op_that_is_not_commutative) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (int const run : {1, 3, 100, 1000}) {
                std::vector<int> const keys = keys_of(1000, run);
                std::vector<std::string> values;
                for (int i = 0; i < 1000; ++i) values.push_back(std::to_string(i) + ",");
                ASSERT_EQ(parallel_reduce_by_key(*pool, keys, values, std::plus<>(), {.grain = 64, .schedule = how}),
                          expected_of(keys, values));
            }
}

TEST(parallel_reduce_by_key, gives_the_same_bits_on_every_pool) {
    std::vector<int> const keys = keys_of(50'000, 9000);
    std::vector<double> values;
    for (int i = 0; i < 50'000; ++i) values.push_back(std::ldexp(1.0 / (3 + i), (i * 37) % 61 - 30));
    auto const expected = parallel_reduce_by_key(*pools()[0], keys, values, std::plus<>());
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            ASSERT_EQ(parallel_reduce_by_key(*pool, keys, values, std::plus<>(), {.schedule = how}), expected);
}

TEST(parallel_reduce_by_key, takes_an_equivalence_and_integers) {
    auto const same_ten = [](int a, int b) { return a / 10 == b / 10; };
    auto const tens = parallel_reduce_by_key(index_range(0, 1000), index_range(0L, 1000L), std::plus<>(), same_ten);
    ASSERT_EQ(tens.size(), 100U);
    EXPECT_EQ(tens[7], std::pair(70, 745L));
}

TEST(parallel_reduce_by_key, refuses_lengths_that_differ) {
    EXPECT_THROW(static_cast<void>(parallel_reduce_by_key(index_range(0, 3), index_range(0, 4), std::plus<>())),
                 std::invalid_argument);
}

TEST(parallel_reduce_by_key, rethrows_what_op_and_equal_throw) {
    for (thread_pool* pool : pools())
        for (int n = 2; n <= 300; n += 31)
            for (int k = 1; k < n; ++k) {
                auto const op = [k](int a, int b) { // the first element of a block is on the left side only
                    if (a == k || b == k) throw failure_at(k);
                    return a > b ? a : b;
                };
                auto const equal = [k](int, int b) {
                    if (b == k) throw failure_at(k);
                    return true;
                };
                auto const all = index_range(0, n);
                auto const always = [](int, int) { return true; };
                auto const larger = [](int a, int b) { return a > b ? a : b; };
                ASSERT_THROW(static_cast<void>(parallel_reduce_by_key(*pool, all, all, op, always, {.grain = 64})),
                             failure_at);
                ASSERT_THROW(static_cast<void>(parallel_reduce_by_key(*pool, all, all, larger, equal)), failure_at);
                ASSERT_THROW(static_cast<void>(parallel_reduce_by_key(*pool, all, all, op, always,
                                                                      {.errors = error_policy::collect})),
                             parallel_error);
            }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_reduce_by_key, lists_a_failure_for_each_run_that_has_one) {
    for (thread_pool* pool : pools())
        for (int const n : {30, 1000, 50'000}) {
            std::vector<int> keys, values;
            for (int i = 0; i < n; ++i) {
                keys.push_back(i / 10);
                values.push_back(i % 30 == 7 || i % 30 == 8 ? -1 : 1); // two in every third run
            }
            auto const op = [](int a, int b) {
                if (b < 0) throw failure_at(b);
                return a + b;
            };
            try {
                static_cast<void>(
                    parallel_reduce_by_key(*pool, keys, values, op, {.grain = 640, .errors = error_policy::collect}));
                FAIL();
            } catch (parallel_error const& error) {
                ASSERT_EQ(error.failures().size(), static_cast<std::size_t>((n + 22) / 30));
                for (std::size_t k = 0; k < error.failures().size(); ++k)
                    ASSERT_EQ(error.failures()[k].index, 30 * k + 7);
            }
        }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
