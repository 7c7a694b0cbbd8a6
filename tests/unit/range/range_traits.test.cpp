// SPDX-License-Identifier: MIT
// Tests of the definition of a range and of the arithmetic of lengths.
#include <hocket/range/range_traits.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace hocket::detail;

TEST(parallel_range, has_a_size_and_random_access) {
    static_assert(parallel_range<std::vector<int>&>);
    static_assert(parallel_range<std::vector<int> const&>);
    static_assert(parallel_range<std::deque<std::string>>);
    static_assert(parallel_range<int(&)[3]>);
    static_assert(parallel_range<std::vector<bool>>);
    static_assert(!parallel_range<std::list<int>>);
    static_assert(!parallel_range<int>);
    static_assert(!parallel_range<int*>);
}

TEST(loop_index, is_any_integer_but_bool) {
    static_assert(loop_index<char> && loop_index<unsigned long long> && loop_index<char32_t>);
    static_assert(!loop_index<bool> && !loop_index<double>);
}

TEST(index_less, compares_numbers_and_not_bits) {
    static_assert(index_less(-1, 0U));
    static_assert(!index_less(0U, -1));
    static_assert(index_less(std::int8_t{-1}, std::uint64_t{0}));
    static_assert(!index_less(std::numeric_limits<std::uint64_t>::max(), -1));
    static_assert(index_less('a', 'b'));
    static_assert(index_less(2U, 3));
    static_assert(!index_less(3U, 3));
}

TEST(index_length, is_exact_for_all_integers) {
    static_assert(index_length(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()) ==
                  std::numeric_limits<std::uint64_t>::max());
    static_assert(index_length(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()) ==
                  std::numeric_limits<std::uint64_t>::max());
    static_assert(index_length(std::int8_t{-128}, std::int8_t{127}) == 255);
    static_assert(index_length(5, 5) == 0 && index_length(5, 4) == 0);
    static_assert(index_length(5U, -1) == 0);
    static_assert(index_length(-1, 5U) == 6);
}

TEST(first_index, refuses_what_the_type_cannot_count) {
    EXPECT_THROW(static_cast<void>(first_index<unsigned>(-1, 6)), std::invalid_argument);
    EXPECT_EQ(first_index<long>(-1, 6), -1);
    EXPECT_NO_THROW(static_cast<void>(first_index<unsigned>(-1, 0)));
}

} // namespace
