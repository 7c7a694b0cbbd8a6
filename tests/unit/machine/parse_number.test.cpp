// SPDX-License-Identifier: MIT
// Tests of parse_number.
#include <hocket/machine/parse_number.hpp>

#include <gtest/gtest.h>

namespace {

using hocket::detail::parse_number;

TEST(parse_number, takes_digits_and_nothing_else) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("007"), 7U);
    EXPECT_EQ(parse_number("100000"), 100'000U);
    for (char const* text : {"", " 1", "1 ", "-1", "+1", "0x10", "1e3", "max", "1.5", "\n"}) {
        EXPECT_FALSE(parse_number(text).has_value()) << text;
    }
}

TEST(parse_number, refuses_what_does_not_fit) {
    EXPECT_EQ(parse_number("18446744073709551615"), ~std::uint64_t{0});
    EXPECT_FALSE(parse_number("18446744073709551616").has_value());
    EXPECT_FALSE(parse_number("99999999999999999999999999").has_value());
}

} // namespace
