// SPDX-License-Identifier: MIT
// Tests of fixed_array.
#include <hocket/base/fixed_array.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

using hocket::fixed_array;

TEST(fixed_array, starts_with_values_not_with_garbage) {
    fixed_array<int> const numbers(1000);
    EXPECT_EQ(numbers.size(), 1000U);
    for (int const number : numbers) EXPECT_EQ(number, 0);
    EXPECT_TRUE(fixed_array<int>().empty());
}

TEST(fixed_array, copies_are_independent) {
    fixed_array<std::string> first(2);
    first[0] = "a long enough text that it lives on the heap";
    fixed_array<std::string> second(first);
    second[0] = "another";
    EXPECT_EQ(first[0], "a long enough text that it lives on the heap");
    first = second;
    EXPECT_EQ(first[0], "another");
    EXPECT_EQ(first.size(), 2U);
}

TEST(fixed_array, moves_leave_nothing_behind) {
    fixed_array<std::string> first(2);
    first[1] = "x";
    fixed_array<std::string> const second(std::move(first));
    EXPECT_EQ(second[1], "x");
    EXPECT_EQ(second.end() - second.begin(), 2);
}

TEST(fixed_array, shrinks_in_place) {
    fixed_array<std::string> texts(3);
    texts[0] = "first";
    texts[2] = "last";
    std::string const* const before = texts.data();
    texts.shrink(2);
    EXPECT_EQ(texts.size(), 2U);
    EXPECT_EQ(texts.data(), before);
    EXPECT_EQ(texts[0], "first");
    EXPECT_EQ(texts.end() - texts.begin(), 2);
}

} // namespace
