// SPDX-License-Identifier: MIT
// Tests of the integers as a range.
#include <hocket/range/index_range.hpp>

#include <hocket/range/iterator_range.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace {

using namespace hocket;

TEST(index_range, holds_the_integers_from_first_up_to_last) {
    std::vector<int> numbers;
    for (int const i : index_range(-2, 3)) numbers.push_back(i);
    EXPECT_EQ(numbers, (std::vector<int>{-2, -1, 0, 1, 2}));
    EXPECT_EQ(index_range(-2, 3).size(), 5U);
}

TEST(index_range, gives_its_integers_by_position) {
    index_range const numbers(-2, 3);
    EXPECT_EQ(numbers.front(), -2);
    EXPECT_EQ(numbers.back(), 2);
    EXPECT_EQ(numbers[3], 1);
    EXPECT_TRUE(numbers);
    EXPECT_FALSE(index_range(3, 3));
}

TEST(index_range, is_empty_where_last_does_not_lie_behind_first) {
    EXPECT_TRUE(index_range(3, 3).empty());
    EXPECT_TRUE(index_range(3, -3).empty());
    EXPECT_EQ(index_range(3, -3).size(), 0U);
    EXPECT_EQ(index_range(3, -3).begin(), index_range(3, -3).end());
}

TEST(index_range, spans_all_integers_but_one) {
    constexpr auto min = std::numeric_limits<std::int64_t>::min();
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    constexpr index_range<std::int64_t> all(min, max);
    static_assert(all.size() == std::numeric_limits<std::uint64_t>::max());
    static_assert(*(all.begin() + max) == -1);
    static_assert(index_range<char>('a', 'z').size() == 25);
}

TEST(index_range, has_random_access) {
    using range = index_range<unsigned>;
    static_assert(std::random_access_iterator<range::iterator>);
    static_assert(parallel_range<range>);
    range::iterator const a = range(5U, 15U).begin();
    range::iterator b = a;
    b += 9;
    EXPECT_EQ(b - a, 9);
    EXPECT_EQ(a - b, -9);
    EXPECT_EQ(a[3], 8U);
    EXPECT_EQ(*--b, 13U);
    EXPECT_EQ(*(b - 3), 10U);
    EXPECT_EQ(*(1 + a), 6U);
    EXPECT_LT(a, b);
}

TEST(chunk_of, is_a_span_an_index_range_or_two_iterators) {
    std::vector<int> vector = {1, 2, 3, 4};
    auto const span = detail::chunk_of(vector.begin(), 1, 3);
    static_assert(std::is_same_v<decltype(span), std::span<int> const>);
    EXPECT_EQ(span.data(), vector.data() + 1);
    EXPECT_EQ(span.size(), 2U);

    auto const indexes = detail::chunk_of(index_range(10, 20).begin(), 1, 3);
    static_assert(std::is_same_v<decltype(indexes), index_range<int> const>);
    EXPECT_EQ(indexes.first(), 11);
    EXPECT_EQ(indexes.last(), 13);

    std::deque<int> const deque = {1, 2, 3, 4};
    auto const part = detail::chunk_of(deque.begin(), 1, 3);
    static_assert(parallel_range<decltype(part)>);
    EXPECT_EQ(part.size(), 2U);
    EXPECT_EQ(part.front(), 2);
    EXPECT_EQ(part[1], 3);
    EXPECT_EQ(part.back(), 3);
    EXPECT_FALSE(part.empty());
    EXPECT_TRUE(part);
    auto const [first, last] = part;
    EXPECT_EQ(first, part.begin());
    EXPECT_EQ(last, part.end());
}

} // namespace
