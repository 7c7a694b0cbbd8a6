// SPDX-License-Identifier: MIT
// Tests of the errors that parallel operations report by themselves.
#include <hocket/base/error.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

template<class Exception>
parallel_error::failure failure(std::uint64_t index, Exception exception) {
    return {index, std::make_exception_ptr(exception)};
}

TEST(parallel_error, says_how_many_of_how_many_failed_and_why_the_first_did) {
    parallel_error const error({failure(3, std::runtime_error("no such file")), failure(8, 42)}, 100);
    EXPECT_STREQ(error.what(), "hocket: 2 of 100 failed, the first at index 3: no such file");
    ASSERT_EQ(error.failures().size(), 2U);
    EXPECT_EQ(error.failures()[1].index, 8U);
    EXPECT_THROW(std::rethrow_exception(error.failures()[1].exception), int);
    EXPECT_EQ(error.total(), 100U);
}

TEST(parallel_error, speaks_of_exceptions_that_have_no_text) {
    parallel_error const error({failure(~std::uint64_t{0}, 42)}, ~std::uint64_t{0});
    EXPECT_STREQ(error.what(), "hocket: 1 of 18446744073709551615 failed, the first at index 18446744073709551615: "
                               "not a std::exception");
}

TEST(parallel_error, keeps_long_texts_whole) {
    std::string const text(10'000, 'x');
    parallel_error const error({failure(0, std::runtime_error(text))}, 1);
    EXPECT_EQ(std::string(error.what()), "hocket: 1 of 1 failed, the first at index 0: " + text);
}

TEST(parallel_error, nests) {
    parallel_error const inner({failure(1, std::runtime_error("inner"))}, 2);
    parallel_error const outer({failure(4, inner)}, 5);
    EXPECT_STREQ(outer.what(), "hocket: 1 of 5 failed, the first at index 4: hocket: 1 of 2 failed, the first at index "
                               "1: inner");
}

TEST(parallel_error, is_copied_without_throwing) {
    static_assert(std::is_nothrow_copy_constructible_v<parallel_error>);
    static_assert(std::is_nothrow_copy_assignable_v<parallel_error>);
    static_assert(std::is_base_of_v<std::exception, parallel_error>);
    parallel_error const error({failure(3, 42)}, 100);
    parallel_error const copy = error;
    EXPECT_EQ(copy.failures().data(), error.failures().data());
}

TEST(operation_cancelled, says_what_happened) {
    static_assert(std::is_base_of_v<std::exception, operation_cancelled>);
    EXPECT_NE(std::string(operation_cancelled().what()).find("cancelled"), std::string::npos);
}

} // namespace
