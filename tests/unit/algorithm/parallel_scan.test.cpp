// SPDX-License-Identifier: MIT
// Tests of the scans: equal to the standard ones, in place, equal bits everywhere, errors.
#include <hocket/algorithm/scan/parallel_scan.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

// Returns lengths around one tile, one block of 8,192 ints, and one pass over the tiles on some pools.
std::vector<int> lengths() {
    std::vector<int> all;
    for (int n = 0; n <= 1000; n += n < 40 ? 1 : 37) all.push_back(n);
    for (int const n : {8191, 8192, 8193, 16'384, 65'535, 65'537, 131'072, 131'073, 600'001}) all.push_back(n);
    return all;
}

std::vector<int> mixed_numbers(int n) {
    std::vector<int> values(static_cast<std::size_t>(n));
    unsigned state = 12345;
    for (int& value : values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<int>(state >> 20) - 2000;
    }
    return values;
}

std::vector<double> awkward_numbers(int n) {
    std::vector<double> doubles;
    for (int i = 0; i < n; ++i)
        doubles.push_back(std::ldexp(1.0 / (3 + i), (i * 37) % 61 - 30) * (i % 2 == 0 ? 1 : -1));
    return doubles;
}

TEST(parallel_inclusive_scan, gives_what_the_standard_gives) {
    for (thread_pool* pool : pools())
        for (int const n : lengths()) {
            std::vector<int> const values = mixed_numbers(n);
            std::vector<int> expected(values.size()), got(values.size());
            std::inclusive_scan(values.begin(), values.end(), expected.begin());
            auto const end = parallel_inclusive_scan(*pool, values, got, std::plus<>());
            ASSERT_EQ(got, expected) << n;
            ASSERT_EQ(end, got.end());
        }
}

TEST(parallel_exclusive_scan, gives_what_the_standard_gives) {
    for (thread_pool* pool : pools())
        for (int const n : lengths()) {
            std::vector<int> const values = mixed_numbers(n);
            std::vector<long> expected(values.size()), got(values.size());
            std::exclusive_scan(values.begin(), values.end(), expected.begin(), 7L);
            auto const end = parallel_exclusive_scan(*pool, values, got.begin(), 7L, std::plus<>());
            ASSERT_EQ(got, expected) << n;
            ASSERT_EQ(end, got.end());
        }
}

TEST(parallel_inclusive_scan, cuts_into_blocks_of_grain_with_every_schedule) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (std::uint64_t const grain : numbers{1, 2, 7, 8, 9, 100})
                for (int const n : {1, 2, 8, 9, 100, 3000}) {
                    std::vector<int> const values = mixed_numbers(n);
                    std::vector<int> expected(values.size()), got(values.size());
                    std::inclusive_scan(values.begin(), values.end(), expected.begin());
                    parallel_inclusive_scan(*pool, values, got, std::plus<>(), {.grain = grain, .schedule = how});
                    ASSERT_EQ(got, expected);
                    std::exclusive_scan(values.begin(), values.end(), expected.begin(), 3);
                    parallel_exclusive_scan(*pool, values, got, 3, std::plus<>(), {.grain = grain, .schedule = how});
                    ASSERT_EQ(got, expected);
                }
}

TEST(parallel_inclusive_scan, scans_whole_doubles_exactly) {
    // Sums of small whole numbers are exact in any order.
    for (thread_pool* pool : pools())
        for (int const n : lengths()) {
            std::vector<int> const values = mixed_numbers(n);
            std::vector<double> const doubles(values.begin(), values.end());
            std::vector<double> expected(values.size()), got(values.size());
            std::inclusive_scan(doubles.begin(), doubles.end(), expected.begin());
            parallel_inclusive_scan(*pool, doubles, got, std::plus<>());
            ASSERT_EQ(got, expected) << n;
            std::exclusive_scan(doubles.begin(), doubles.end(), expected.begin(), 0.5);
            parallel_exclusive_scan(*pool, doubles, got, 0.5, std::plus<>());
            ASSERT_EQ(got, expected) << n;
        }
}

TEST(parallel_inclusive_scan, keeps_the_order_of_an_op_that_is_not_commutative) {
    for (thread_pool* pool : pools())
        for (std::uint64_t const grain : numbers{0, 1, 16}) {
            std::vector<std::string> letters;
            for (int i = 0; i < 700; ++i) letters.push_back(std::string(1, static_cast<char>('a' + i % 26)));
            std::vector<std::string> expected(letters.size()), got(letters.size());
            std::inclusive_scan(letters.begin(), letters.end(), expected.begin(), std::plus<>());
            parallel_inclusive_scan(*pool, letters, got, std::plus<>(), {.grain = grain});
            ASSERT_EQ(got, expected);
            std::exclusive_scan(letters.begin(), letters.end(), expected.begin(), std::string(">"), std::plus<>());
            parallel_exclusive_scan(*pool, letters, got, std::string(">"), std::plus<>(), {.grain = grain});
            ASSERT_EQ(got, expected);
        }
}

TEST(parallel_inclusive_scan, keeps_the_order_of_floating_point_numbers) {
    std::vector<double> const doubles = awkward_numbers(10'001);
    std::vector<double> got(doubles.size());
    parallel_inclusive_scan(*pools()[1], doubles, got, [](double, double y) { return y; }, {.grain = 100});
    EXPECT_EQ(got, doubles);
    parallel_inclusive_scan(*pools()[1], doubles, got, [](double x, double) { return x; }, {.grain = 100});
    EXPECT_EQ(got, std::vector<double>(doubles.size(), doubles.front()));
}

TEST(parallel_inclusive_scan, gives_the_same_bits_on_every_pool_with_every_schedule) {
    for (int n = 1; n <= (sanitized_run() ? 20'000 : 200'000); n = n * 7 + 1) {
        std::vector<double> const doubles = awkward_numbers(n);
        for (std::uint64_t const grain : numbers{0, 1, 33, 1000}) {
            std::vector<double> expected(doubles.size()), got(doubles.size());
            parallel_inclusive_scan(*pools()[0], doubles, expected, std::plus<>(), {.grain = grain});
            for (thread_pool* pool : pools())
                for (schedule const how : all_schedules) {
                    parallel_inclusive_scan(*pool, doubles, got, std::plus<>(), {.grain = grain, .schedule = how});
                    ASSERT_EQ(got, expected) << n << ' ' << grain;
                }
            parallel_exclusive_scan(*pools()[0], doubles, expected, 0.1, std::plus<>(), {.grain = grain});
            for (thread_pool* pool : pools()) {
                parallel_exclusive_scan(*pool, doubles, got, 0.1, std::plus<>(), {.grain = grain});
                ASSERT_EQ(got, expected) << n << ' ' << grain;
            }
        }
    }
}

TEST(parallel_inclusive_scan, gives_these_very_bits) {
    // The grouping is a promise: it does not change from one version to the next without an announcement.
    std::vector<double> sums = awkward_numbers(100'000);
    parallel_inclusive_scan(sums, sums, std::plus<>());
    std::uint64_t all = 0;
    for (double const sum : sums) all = all * 31 + std::bit_cast<std::uint64_t>(sum);
    EXPECT_EQ(all, 0x77d0'7c51'25d6'c768U) << std::hex << all;
}

TEST(parallel_exclusive_scan, works_in_place) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 7, 8, 9, 10'000, 300'000}) {
            std::vector<int> values = mixed_numbers(n);
            std::vector<int> expected(values.size());
            std::exclusive_scan(values.begin(), values.end(), expected.begin(), 0);
            parallel_exclusive_scan(*pool, values, values, 0, std::plus<>());
            ASSERT_EQ(values, expected);

            std::vector<int> const again = mixed_numbers(n);
            std::vector<double> doubles(again.begin(), again.end()), sums(doubles.size());
            std::exclusive_scan(doubles.begin(), doubles.end(), sums.begin(), 0.0);
            parallel_exclusive_scan(*pool, doubles, doubles, 0.0, std::plus<>());
            ASSERT_EQ(doubles, sums);
        }
}

TEST(parallel_inclusive_scan, reads_integers_deques_and_bits) {
    std::deque<long> into(1000);
    parallel_inclusive_scan(index_range(0L, 1000L), into, std::plus<>(), {.grain = 10});
    EXPECT_EQ(into[999], 999 * 500);
    std::vector<bool> const bits(100, true);
    std::vector<int> ranks(100);
    parallel_exclusive_scan(bits, ranks, 0, std::plus<>());
    EXPECT_EQ(ranks[99], 99);
}

TEST(parallel_inclusive_scan, refuses_a_target_that_is_too_short) {
    std::vector<int> const values(10, 1);
    std::vector<int> target(9);
    EXPECT_THROW(parallel_inclusive_scan(values, target, std::plus<>()), std::invalid_argument);
    EXPECT_EQ(target, std::vector<int>(9));
}

TEST(parallel_inclusive_scan, rethrows_what_op_throws) {
    for (thread_pool* pool : pools())
        for (int n = 2; n <= 200; n += sanitized_run() ? 27 : 9)
            for (int k = 1; k < n; ++k)
                for (std::uint64_t const grain : numbers{0, 5}) {
                    auto const op = [k](int a, int b) {
                        if (b == k) throw failure_at(k);
                        return a > b ? a : b;
                    };
                    std::vector<int> target(static_cast<std::size_t>(n));
                    loop_options options{.grain = grain};
                    ASSERT_THROW(parallel_inclusive_scan(*pool, index_range(0, n), target, op, options), failure_at);
                    options.errors = error_policy::collect;
                    ASSERT_THROW(parallel_exclusive_scan(*pool, index_range(0, n), target, -1, op, options),
                                 parallel_error);
                }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_inclusive_scan, stops) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        std::atomic<int> calls = 0;
        auto const op = [&](int a, int b) {
            if (++calls == 100) source.request_stop();
            return a + b;
        };
        std::vector<int> target(100'000);
        EXPECT_THROW(
            parallel_inclusive_scan(*pool, std::vector<int>(100'000), target, op, {.stop = source.get_token()}),
            operation_cancelled);
        EXPECT_LT(calls, 200'000);
    }
}

TEST(parallel_inclusive_scan, destroys_every_sum_that_it_makes) {
    static std::atomic<int> live = 0;
    struct sum {
        int value = 0;
        sum() { ++live; }
        explicit sum(int v) : value(v) { ++live; }
        sum(sum const& other) : value(other.value) { ++live; }
        sum& operator=(sum const&) = default;
        ~sum() { --live; }
    };
    {
        std::vector<sum> values(5000, sum(1));
        parallel_inclusive_scan(*pools()[1], values, values,
                                [](sum const& a, sum const& b) { return sum(a.value + b.value); }, {.grain = 64});
        EXPECT_EQ(values[4999].value, 5000);
        EXPECT_EQ(live, 5000);
    }
    EXPECT_EQ(live, 0);
}

} // namespace
