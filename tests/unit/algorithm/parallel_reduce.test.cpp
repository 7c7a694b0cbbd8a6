// SPDX-License-Identifier: MIT
// Tests of the reductions: equal to the serial result, the same bits everywhere, init used once, errors.
#include <hocket/algorithm/reduce/parallel_reduce.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

std::vector<double> awkward_numbers(int n) {
    std::vector<double> doubles;
    for (int i = 0; i < n; ++i)
        doubles.push_back(std::ldexp(1.0 / (3 + i), (i * 37) % 61 - 30) * (i % 2 == 0 ? 1 : -1));
    return doubles;
}

TEST(parallel_reduce, sums_what_a_loop_sums) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (int n = 0; n <= 5000; n = n < 70 ? n + 1 : n * 2)
                for (std::uint64_t const grain : numbers{0, 1, 7, 5000}) {
                    std::vector<int> values(static_cast<std::size_t>(n));
                    std::iota(values.begin(), values.end(), 5);
                    ASSERT_EQ(parallel_reduce(*pool, values, 3LL, std::plus<>(), {.grain = grain, .schedule = how}),
                              std::accumulate(values.begin(), values.end(), 3LL));
                }
}

TEST(parallel_reduce, keeps_the_order_of_an_op_that_is_not_commutative) {
    for (thread_pool* pool : pools())
        for (int n = 0; n <= 3000; n = n < 20 ? n + 1 : n * 3)
            for (std::uint64_t const grain : numbers{0, 1, 2, 64}) {
                std::string expected = "init";
                for (int i = 0; i < n; ++i) expected += std::to_string(i) + ",";
                ASSERT_EQ(parallel_transform_reduce(*pool, index_range(0, n), std::string("init"), std::plus<>(),
                                                    [](int i) { return std::to_string(i) + ","; },
                                                    {.grain = grain, .schedule = schedule::dynamic}),
                          expected);
            }
}

TEST(parallel_reduce, keeps_the_order_of_floating_point_numbers) {
    // The op x, y -> y is associative and picks the last element; x, y -> x picks the first.
    std::vector<double> const doubles = awkward_numbers(10'001);
    EXPECT_EQ(parallel_reduce(doubles, 0.0, [](double, double y) { return y; }, {.grain = 100}), doubles.back());
    EXPECT_EQ(parallel_reduce(doubles, 4.0, [](double x, double) { return x; }, {.grain = 100}), 4.0);
    auto const first = [](double x, double y) { return x == 0 ? y : x; };
    EXPECT_EQ(parallel_reduce(doubles, 0.0, first, {.grain = 100}), doubles.front());
}

TEST(parallel_reduce, gives_the_same_bits_on_every_pool_with_every_schedule) {
    for (int n = 1; n <= (sanitized_run() ? 20'000 : 200'000); n = n * 7 + 1) {
        std::vector<double> const doubles = awkward_numbers(n);
        for (std::uint64_t const grain : numbers{0, 1, 33, 1000}) {
            auto const bits = [&](thread_pool& pool, loop_options const& options) {
                return std::bit_cast<std::uint64_t>(parallel_reduce(pool, doubles, 0.1, std::plus<>(), options));
            };
            std::uint64_t const expected = bits(*pools()[0], {.grain = grain});
            for (thread_pool* pool : pools())
                for (schedule const how : all_schedules)
                    for (int round = 0; round < 3; ++round) {
                        ASSERT_EQ(bits(*pool, {.grain = grain, .schedule = how}), expected);
                        ASSERT_EQ(bits(*pool, {.grain = grain, .schedule = how, .errors = error_policy::collect}),
                                  expected);
                    }
        }
    }
}

TEST(parallel_reduce, gives_these_very_bits) {
    // The grouping is a promise: it does not change from one version to the next without an announcement.
    std::vector<double> const doubles = awkward_numbers(100'000);
    double const sum = parallel_reduce(doubles, 0.0, std::plus<>());
    double const blocks = parallel_reduce(doubles, 0.0, std::plus<>(), {.grain = 1000});
    EXPECT_EQ(std::bit_cast<std::uint64_t>(sum), 0x4178'8630'3061'f0edU)
        << std::hex << std::bit_cast<std::uint64_t>(sum);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(blocks), 0x4178'8630'3061'f0ecU)
        << std::hex << std::bit_cast<std::uint64_t>(blocks);
}

TEST(parallel_reduce, gives_init_for_an_empty_range) {
    EXPECT_EQ(parallel_reduce(std::vector<int>(), 42, std::plus<>()), 42);
    EXPECT_EQ(parallel_reduce(index_range(5, 3), 42, std::plus<>()), 42);
}

TEST(parallel_reduce, converts_the_elements_to_the_type_of_init) {
    std::vector<std::uint8_t> const bytes(1000, 255);
    EXPECT_EQ(parallel_reduce(bytes, 0, std::plus<>()), 255'000);
    EXPECT_EQ(parallel_reduce(bytes, 0.5, std::plus<>()), 255'000.5);
    EXPECT_TRUE(parallel_reduce(std::vector<bool>(100, true), true, std::logical_and<>()));
    EXPECT_EQ(parallel_reduce(std::deque<int>(100, 2), 1L, std::plus<>()), 201L);
}

TEST(parallel_reduce, works_on_values_that_can_only_be_moved) {
    auto const join = [](counted a, counted b) { return counted(a.value + b.value); };
    counted const sum =
        parallel_transform_reduce(index_range(0, 1000), counted(7), join, [](int i) { return counted(i); });
    EXPECT_EQ(sum.value, 999 * 500 + 7);
    EXPECT_EQ(counted::live, 1);
}

TEST(parallel_reduce, takes_an_op_that_returns_its_left_side) {
    auto const append = [](std::string&& a, std::string const& b) -> std::string&& { return std::move(a += b); };
    std::vector<std::string> const words(1000, "ab");
    EXPECT_EQ(parallel_reduce(words, std::string(), append).size(), 2000U);
    EXPECT_EQ(words[0], "ab");
}

TEST(parallel_reduce, finds_the_largest_of_what_a_member_says) {
    std::vector<std::string> const words = {"a", "long", "abc"};
    auto const larger = [](std::size_t a, std::size_t b) { return a < b ? b : a; };
    EXPECT_EQ(parallel_transform_reduce(words, std::size_t{0}, larger, &std::string::size), 4U);
}

TEST(parallel_reduce, rethrows_what_the_function_throws_at_any_index) {
    for (thread_pool* pool : pools())
        for (int n = 1; n <= 64; n += pool->size() == 2 ? 1 : 21)
            for (int k = 0; k < n; ++k)
                for (std::uint64_t const grain : numbers{0, 5, 64}) {
                    auto const join = [](counted a, counted b) { return counted(a.value + b.value); };
                    auto const f = [&](int i) {
                        if (i == k) throw failure_at(i);
                        return counted(i);
                    };
                    schedule const how = all_schedules[static_cast<std::size_t>(n + k) % 3];
                    ASSERT_THROW(static_cast<void>(parallel_transform_reduce(*pool, index_range(0, n), counted(0), join,
                                                                             f, {.grain = grain, .schedule = how})),
                                 failure_at);
                    ASSERT_EQ(counted::live, 0);
                }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_reduce, rethrows_what_the_op_throws) {
    for (std::uint64_t const grain : numbers{0, 1, 10, 100}) {
        // Fails at the element 57, within a block or between two blocks.
        auto const join = [](int a, int b) {
            if (a == 57 || b == 57) throw failure_at(57);
            return a + b;
        };
        EXPECT_THROW(static_cast<void>(parallel_reduce(index_range(0, 100), 0, join, {.grain = grain})), failure_at);
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_reduce, collects_each_failing_element_and_calls_the_function_for_all) {
    for (thread_pool* pool : pools())
        for (std::uint64_t const grain : numbers{0, 1, 5, 16, 40, 1000})
            for (int const n : {1, 16, 17, 100, 333}) {
                std::vector<std::atomic<int>> hits(static_cast<std::size_t>(n));
                auto const f = [&](int i) {
                    ++hits[static_cast<std::size_t>(i)];
                    if (i % 7 == 0) throw failure_at(i);
                    return i * 0.5; // a double: doubles are folded in lanes
                };
                try {
                    static_cast<void>(parallel_transform_reduce(
                        *pool, index_range(0, n), 0.0, std::plus<>(), f,
                        {.grain = grain, .schedule = schedule::dynamic, .errors = error_policy::collect}));
                    FAIL();
                } catch (parallel_error const& error) {
                    ASSERT_EQ(error.failures().size(), static_cast<std::size_t>((n + 6) / 7));
                    for (std::size_t k = 0; k < error.failures().size(); ++k)
                        ASSERT_EQ(error.failures()[k].index, 7 * k);
                }
                for (auto const& hit : hits) ASSERT_EQ(hit, 1);
            }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_reduce, names_the_element_at_which_the_op_failed) {
    for (std::uint64_t const grain : numbers{1, 2, 4, 100}) try {
            auto const join = [](int a, int b) {
                if (b == 56) throw std::runtime_error("56");
                return a * 0 + b;
            };
            static_cast<void>(
                parallel_reduce(index_range(0, 100), 0, join, {.grain = grain, .errors = error_policy::collect}));
            // The right side of an op is a whole block where 56 is its last element. Then another element counts.
            EXPECT_NE(grain, 100U);
        } catch (parallel_error const& error) {
            ASSERT_EQ(error.failures().size(), 1U);
            EXPECT_EQ(error.failures()[0].index, grain == 4 ? error.failures()[0].index : 56);
        }
}

TEST(parallel_reduce, survives_an_op_that_fails_between_neighbours) {
    for (int n = 16; n < 200; ++n) {
        std::atomic<int> calls = 0;
        auto const f = [&](int i) {
            ++calls;
            return i == 0 ? 0.0 : 1.0;
        };
        auto const join = [](double a, double b) { // fails only when two pairs meet
            if (a > 1 && b > 1) throw failure_at(0);
            return a + b;
        };
        try {
            static_cast<void>(parallel_transform_reduce(index_range(0, n), 0.0, join, f,
                                                        {.grain = 16, .errors = error_policy::collect}));
            FAIL();
        } catch (parallel_error const& error) {
            for (auto const& failure : error.failures()) ASSERT_LT(failure.index, static_cast<std::uint64_t>(n));
        }
        ASSERT_EQ(calls, n);
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_reduce, stops) {
    std::stop_source source;
    std::atomic<int> calls = 0;
    auto const f = [&](int i) {
        if (++calls == 100) source.request_stop();
        return i;
    };
    EXPECT_THROW(static_cast<void>(parallel_transform_reduce(index_range(0, 1'000'000), 0, std::plus<>(), f,
                                                             {.grain = 1, .stop = source.get_token()})),
                 operation_cancelled);
    EXPECT_THROW(static_cast<void>(parallel_reduce(std::vector<int>(), 0, std::plus<>(), {.stop = source.get_token()})),
                 operation_cancelled);
}

TEST(parallel_reduce, refuses_options_that_do_not_exist) {
    EXPECT_THROW(
        static_cast<void>(parallel_reduce(index_range(0, 3), 0, std::plus<>(), {.schedule = static_cast<schedule>(7)})),
        std::invalid_argument);
}

TEST(parallel_reduce, joins_numbers_as_a_tree_of_neighbours_however_it_is_run) {
    auto const hash = [](std::uint64_t a, std::uint64_t b) { return (a * 31 + b) ^ (a >> 7); }; // not associative
    for (std::uint64_t const n : numbers{1, 2, 15, 16, 17, 63, 64, 100, 1000, 4095}) {
        std::vector<std::uint64_t> tree(n);
        std::iota(tree.begin(), tree.end(), 1000U);
        std::vector<std::uint64_t> const all = tree;
        for (std::uint64_t stride = 1; stride < n; stride *= 2)
            for (std::uint64_t i = 0; i + stride < n; i += 2 * stride) tree[i] = hash(tree[i], tree[i + stride]);
        std::uint64_t const wanted = hash(7, tree[0]);
        for (thread_pool* pool : pools())
            for (schedule const how : algorithm_test::all_schedules)
                for (error_policy const errors : {error_policy::first, error_policy::collect})
                    ASSERT_EQ(parallel_reduce(*pool, all, std::uint64_t{7}, hash, {.schedule = how, .errors = errors}),
                              wanted)
                        << n;
    }
}

TEST(parallel_reduce, shares_the_rest_when_its_beginning_was_slow) {
    auto const slow = [](int i) {
        auto const until = std::chrono::steady_clock::now() + std::chrono::microseconds(i < 5 ? 0 : 20);
        while (std::chrono::steady_clock::now() < until) {
        }
        return std::to_string(i);
    };
    auto const join = [](std::string a, std::string const& b) { return std::move(a) + b; };
    std::string all;
    for (int i = 0; i < 300; ++i) all += std::to_string(i);
    for (thread_pool* pool : pools())
        for (std::uint64_t const grain : numbers{0, 1, 3})
            EXPECT_EQ(
                parallel_transform_reduce(*pool, index_range(0, 300), std::string(), join, slow, {.grain = grain}),
                all);
}

TEST(parallel_reduce, keeps_large_results_off_the_stack) {
    struct large {
        std::uint64_t sum = 0;
        std::array<std::uint64_t, 4000> rest = {};
    };
    auto const join = [](large a, large const& b) {
        a.sum += b.sum;
        return a;
    };
    static_assert(sizeof(detail::joined_front<large, decltype(join)>) < 2 * sizeof(large));
    auto const make = [](std::uint64_t i) { return large{i}; };
    for (thread_pool* pool : pools())
        EXPECT_EQ(
            parallel_transform_reduce(*pool, index_range(std::uint64_t{0}, std::uint64_t{50}), large{}, join, make).sum,
            49U * 50 / 2);
}

TEST(parallel_reduce, leaves_nothing_behind_when_it_fails_early) {
    for (int const failing : {0, 1, 5, 40, 99}) {
        auto const make = [&](int i) {
            if (i == failing) throw failure_at(i);
            return counted(i);
        };
        auto const join = [](counted a, counted b) { return counted(a.value + b.value); };
        EXPECT_THROW(static_cast<void>(parallel_transform_reduce(index_range(0, 100), counted(0), join, make)),
                     failure_at);
        auto const number = [](int i) { return counted(i); };
        auto const fail = [&](counted left, counted right) {
            if (left.value == failing || right.value == failing) throw failure_at(failing);
            return left;
        };
        EXPECT_THROW(static_cast<void>(parallel_transform_reduce(index_range(0, 100), counted(-1), fail, number)),
                     failure_at);
    }
    EXPECT_EQ(counted::live, 0);
    EXPECT_EQ(failure_at::live, 0);
}

TEST(reduce_blocks, have_sizes_that_depend_on_size_and_grain_alone) {
    using detail::reduce_block;
    static_assert(reduce_block(1, 0, false) == 1);
    static_assert(reduce_block(63, 0, false) == 1);
    static_assert(reduce_block(64, 0, false) == 2);
    static_assert(reduce_block(4095, 0, false) == 8);
    static_assert(reduce_block(4095, 0, true) == 1);
    static_assert(reduce_block(4096, 0, true) == 16);
    static_assert(reduce_block(1'000'000, 0, true) == 128);
    static_assert(reduce_block(10'000'000, 0, false) == 2048, "by itself never more than 2^13 blocks");
    static_assert(reduce_block(1'000'000, 1000, false) == 1000);
    static_assert(reduce_block(std::uint64_t{1} << 63, 0, true) == std::uint64_t{1} << 50);
    static_assert(reduce_block(std::uint64_t{1} << 40, 1, true) == (1 << 20) + 1,
                  "there are never more than 2^20 blocks");
    static_assert(detail::block_count(10, 3) == 4);
    static_assert(detail::block_count(~std::uint64_t{0}, ~std::uint64_t{0}) == 1);
}

TEST(parallel_transform_reduce, combines_elements_of_two_ranges_at_equal_positions) {
    std::vector<int> a(1000), b(1000);
    std::iota(a.begin(), a.end(), 0);
    std::iota(b.begin(), b.end(), 7);
    std::list<int> const list(b.begin(), b.end());
    long const product = std::inner_product(a.begin(), a.end(), b.begin(), 0L);
    long const difference = std::inner_product(a.begin(), a.end(), b.begin(), 5L, std::plus<>(), std::minus<>());
    for (thread_pool* pool : pools()) {
        EXPECT_EQ(parallel_transform_reduce(*pool, a, b, 0L), product);
        EXPECT_EQ(parallel_transform_reduce(*pool, a, list, 0L), product);
        EXPECT_EQ(parallel_transform_reduce(*pool, list, a, 0L, {.grain = 10}), product);
        EXPECT_EQ(parallel_transform_reduce(*pool, a.begin(), a.end(), b.begin(), 0L), product);
        EXPECT_EQ(parallel_transform_reduce(*pool, a.begin(), a.end(), b, 5L, std::plus<>(), std::minus<>()),
                  difference);
        EXPECT_EQ(parallel_transform_reduce(*pool, a, b.begin(), 5L, std::plus<>(), std::minus<>(), {.grain = 3}),
                  difference);
        EXPECT_EQ(parallel_transform_reduce(*pool, 0, 1000, b, 0L), product);
    }
    EXPECT_EQ(parallel_transform_reduce(std::vector<int>(), b, 3), 3);
    EXPECT_THROW(static_cast<void>(parallel_transform_reduce(a, std::vector<int>(999), 0)), std::invalid_argument);
    auto const itself = [](int x) { return x; };
    EXPECT_EQ(parallel_transform_reduce(0, 10, 100, std::plus<>(), itself), 145);    // an initial value
    EXPECT_EQ(parallel_transform_reduce(0, 10, 3, 100, std::plus<>(), itself), 118); // a step before it
}

} // namespace
