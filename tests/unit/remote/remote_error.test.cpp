// SPDX-License-Identifier: MIT
#include <hocket/remote/wire/remote_error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

TEST(RemoteError, says_what_was_thrown_and_where) {
    hocket::remote_error const error("parse_error", "line 3", "process 2 of node one", "main\nparse\n");
    EXPECT_STREQ(error.what(), "line 3");
    EXPECT_EQ(error.type(), "parse_error");
    EXPECT_EQ(error.where(), "process 2 of node one");
    EXPECT_EQ(error.trace(), "main\nparse\n");
}

TEST(RemoteError, copies_share_their_texts_and_never_throw) {
    static_assert(std::is_nothrow_copy_constructible_v<hocket::remote_error>);
    hocket::remote_error const error(std::string(100, 't'), "text", "here");
    hocket::remote_error const copy = error; // NOLINT: the copy is what is tested
    EXPECT_EQ(&copy.type(), &error.type());
}
