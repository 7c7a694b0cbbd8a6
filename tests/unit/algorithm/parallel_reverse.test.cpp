// SPDX-License-Identifier: MIT
// Tests of the algorithms that move elements to other positions: reversals, rotations, shifts and swaps.
#include <hocket/algorithm/write/parallel_reverse.hpp>
#include <hocket/zip.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <list>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

std::vector<int> numbered(int n) {
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

TEST(parallel_reverse, reverses) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8191, 100'000}))
            for (std::uint64_t const grain : numbers{0, 3}) {
                std::vector<int> const values = numbered(n);
                std::vector<int> expected(values.rbegin(), values.rend()), out(values.size()), own = values;
                ASSERT_EQ(parallel_reverse_copy(*pool, values, out, {.grain = grain}), out.end());
                ASSERT_EQ(out, expected);
                parallel_reverse(*pool, own, {.grain = grain});
                ASSERT_EQ(own, expected);
                parallel_reverse(*pool, own.begin(), own.end());
                ASSERT_EQ(own, values);
            }
    std::vector<int> out(3);
    parallel_reverse_copy(0, 3, out);
    EXPECT_EQ(out, (std::vector<int>{2, 1, 0}));
    parallel_reverse_copy(std::list<int>{7, 8, 9}, out.begin());
    EXPECT_EQ(out, (std::vector<int>{9, 8, 7}));
    EXPECT_THROW(parallel_reverse_copy(0, 4, out), std::invalid_argument);
}

TEST(parallel_rotate, rotates_as_the_standard_does) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({100'000}))
            for (int const by : {0, 1, n / 3, n - 1, n}) {
                if (by < 0 || by > n) continue;
                std::vector<int> const values = numbered(n);
                std::vector<int> expected = values, own = values, out(values.size());
                std::rotate(expected.begin(), expected.begin() + by, expected.end());
                auto const rest = parallel_rotate(*pool, own, own.begin() + by, {.grain = 4});
                ASSERT_EQ(own, expected);
                ASSERT_EQ(rest.begin() - own.begin(), n - by);
                ASSERT_EQ(rest.end(), own.end());
                ASSERT_EQ(parallel_rotate_copy(*pool, values, values.begin() + by, out, {.grain = 4}), out.end());
                ASSERT_EQ(out, expected);
                parallel_rotate(*pool, own.begin(), own.begin() + (n - by), own.end());
                ASSERT_EQ(own, values);
                parallel_rotate_copy(values.begin(), values.begin() + by, values.end(), out.begin());
                ASSERT_EQ(out, expected);
            }
    std::vector<int> three = numbered(3);
    auto const outside = three.end();
    EXPECT_THROW(parallel_rotate(three.begin(), outside, three.begin() + 1), std::invalid_argument);
}

TEST(parallel_shift, shifts_as_the_standard_does) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({50'000}))
            for (int const by : {-1, 0, 1, n / 3, n - 1, n, n + 5}) {
                std::vector<int> const values = numbered(n);
                std::vector<int> left = values, right = values;
                auto const kept = parallel_shift_left(*pool, left, by, {.grain = 4});
                auto const moved = parallel_shift_right(*pool, right.begin(), right.end(), by, {.grain = 4});
                int const count = by <= 0 ? n : by >= n ? 0 : n - by;
                ASSERT_EQ(kept.begin(), left.begin());
                ASSERT_EQ(kept.end() - kept.begin(), count);
                ASSERT_EQ(moved.end(), right.end());
                ASSERT_TRUE(std::equal(kept.begin(), kept.end(), values.end() - count));
                ASSERT_TRUE(std::equal(moved.begin(), moved.end(), values.begin(), values.begin() + count));
            }
}

TEST(parallel_swap_ranges, exchanges_what_both_have) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({50'000})) {
            std::vector<int> a = numbered(n);
            std::vector<int> b(a.size() + 1, -1);
            ASSERT_EQ(parallel_swap_ranges(*pool, a, b, {.grain = 6}), b.end() - 1);
            ASSERT_EQ(std::count(a.begin(), a.end(), -1), n);
            ASSERT_TRUE(std::equal(b.begin(), b.end() - 1, numbered(n).begin()));
            parallel_swap_ranges(*pool, b.begin(), b.end() - 1, a.begin());
            ASSERT_EQ(a, numbered(n));
        }
}

TEST(parallel_reverse, moves_what_can_only_be_moved_and_columns) {
    for (thread_pool* pool : pools()) {
        std::deque<std::unique_ptr<int>> owners;
        for (int i = 0; i < 5000; ++i) owners.push_back(std::make_unique<int>(i));
        parallel_reverse(*pool, owners);
        parallel_rotate(*pool, owners, owners.begin() + 1000);
        for (int i = 0; i < 5000; ++i) ASSERT_EQ(*owners[static_cast<std::size_t>(i)], (8999 - i) % 5000);
        std::vector<int> keys = numbered(1000);
        std::vector<std::string> names;
        for (int const key : keys) names.push_back(std::to_string(key));
        auto const columns = zip(keys, names);
        parallel_reverse(*pool, columns);
        parallel_rotate(*pool, columns, columns.begin() + 10);
        ASSERT_EQ(keys[0], 989);
        for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(names[i], std::to_string(keys[i]));
    }
}

TEST(parallel_reverse, leaves_everything_as_it_is_when_it_was_stopped_before) {
    std::stop_source source;
    source.request_stop();
    std::vector<int> values = numbered(1000), others = values;
    loop_options const options{.stop = source.get_token()};
    EXPECT_THROW(parallel_reverse(values, options), operation_cancelled);
    EXPECT_THROW(parallel_rotate(values, values.begin() + 3, options), operation_cancelled);
    EXPECT_THROW(parallel_shift_left(values, 3, options), operation_cancelled);
    EXPECT_THROW(parallel_swap_ranges(values, others, options), operation_cancelled);
    EXPECT_EQ(values, numbered(1000));
}

/// An element of which one value cannot be swapped.
struct fragile {
    int value;
    friend void swap(fragile& a, fragile& b) {
        if (a.value == 400 || b.value == 400) throw failure_at(400);
        std::swap(a.value, b.value);
    }
};

TEST(parallel_reverse, loses_nothing_when_a_swap_throws) {
    for (thread_pool* pool : pools()) {
        std::vector<fragile> values;
        for (int i = 0; i < 1000; ++i) values.push_back({i});
        EXPECT_THROW(parallel_rotate(*pool, values, values.begin() + 500), failure_at);
        std::vector<int> found;
        for (fragile const& each : values) found.push_back(each.value);
        std::sort(found.begin(), found.end());
        ASSERT_EQ(found, numbered(1000));
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
