// SPDX-License-Identifier: MIT
// Tests of any_stop_token.
#include <hocket/base/any_stop_token.hpp>

#include <hocket/algorithm/loops/parallel_for.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stop_token>

namespace {

using hocket::any_stop_token;

/// A token that reports a flag, and counts its copies.
class flag_token {
  public:
    flag_token(bool const& flag, int& alive) noexcept : flag_(&flag), alive_(&alive) { ++*alive_; }
    flag_token(flag_token const& from) noexcept : flag_token(*from.flag_, *from.alive_) {}
    flag_token& operator=(flag_token const&) = delete;
    ~flag_token() { --*alive_; }

    bool stop_requested() const noexcept { return *flag_; }
    bool stop_possible() const noexcept { return true; }

  private:
    bool const* flag_;
    int* alive_;
};

struct says_too_little {
    bool stop_requested() const noexcept { return false; }
};

TEST(any_stop_token, is_never_stopped_without_a_token) {
    any_stop_token const none;
    EXPECT_FALSE(none.stop_requested());
    EXPECT_FALSE(none.stop_possible());
}

TEST(any_stop_token, says_what_a_standard_token_says) {
    std::stop_source source;
    any_stop_token const token = source.get_token();
    any_stop_token const copy = token;
    EXPECT_TRUE(token.stop_possible());
    EXPECT_FALSE(copy.stop_requested());
    source.request_stop();
    EXPECT_TRUE(token.stop_requested());
    EXPECT_TRUE(copy.stop_requested());
}

TEST(any_stop_token, keeps_the_state_of_a_token_whose_source_is_gone) {
    any_stop_token token;
    any_stop_token unused;
    {
        std::stop_source source;
        std::stop_source const other;
        token = source.get_token();
        unused = other.get_token();
        source.request_stop();
    }
    EXPECT_TRUE(token.stop_requested());
    EXPECT_FALSE(unused.stop_possible());
}

TEST(any_stop_token, copies_and_destroys_a_token_of_any_type) {
    bool flag = false;
    int alive = 0;
    {
        any_stop_token token = flag_token(flag, alive);
        any_stop_token other = token;
        EXPECT_EQ(alive, 2);
        other = token;
        EXPECT_EQ(alive, 2);
        any_stop_token const& same = other;
        other = same;
        EXPECT_EQ(alive, 2);
        flag = true;
        EXPECT_TRUE(other.stop_requested());
        other = any_stop_token();
        EXPECT_EQ(alive, 1);
        EXPECT_FALSE(other.stop_requested());
    }
    EXPECT_EQ(alive, 0);
}

TEST(any_stop_token, is_not_made_of_what_says_too_little) {
    static_assert(std::is_convertible_v<std::stop_token, any_stop_token>);
    static_assert(std::is_convertible_v<flag_token, any_stop_token>);
    static_assert(!std::is_constructible_v<any_stop_token, says_too_little>);
    static_assert(!std::is_constructible_v<any_stop_token, int>);
}

TEST(any_stop_token, stops_a_loop_whatever_its_type) {
    std::atomic<int> ran{0};
    bool const stopped = true;
    int alive = 0;
    EXPECT_THROW(hocket::parallel_for(0, 1000, [&](int) { ran.fetch_add(1); }, {.stop = flag_token(stopped, alive)}),
                 hocket::operation_cancelled);
    std::stop_source source;
    source.request_stop();
    EXPECT_THROW(hocket::parallel_for(0, 1000, [&](int) { ran.fetch_add(1); }, {.stop = source.get_token()}),
                 hocket::operation_cancelled);
    EXPECT_EQ(ran.load(), 0);
    EXPECT_EQ(alive, 0);
}

} // namespace
