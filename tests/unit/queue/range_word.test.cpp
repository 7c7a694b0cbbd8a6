// SPDX-License-Identifier: MIT
// Tests of the range word of a loop's stripe. All interleavings of small cases: tests/model/range_word.test.cpp.
#include <hocket/queue/range_word.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

TEST(range_word, a_fresh_one_has_nothing) {
    range_word word;
    ASSERT_EQ(word.left(), 0u);
    ASSERT_TRUE(word.finished());
    ASSERT_TRUE(word.claim(1, false).empty());
    ASSERT_TRUE(word.finished()) << "a claim of nothing does not register";
    ASSERT_FALSE(word.announce_wait());
}

TEST(range_word, gives_units_from_the_front_until_none_is_left) {
    range_word word;
    word.open({10, 20});
    ASSERT_EQ(word.left(), 10u);
    unit_range const first = word.claim(3, false);
    ASSERT_EQ(first.first, 10u);
    ASSERT_EQ(first.last, 13u);
    ASSERT_FALSE(word.finished());
    unit_range const second = word.claim(100, true);
    ASSERT_EQ(second.first, 13u);
    ASSERT_EQ(second.last, 20u);
    ASSERT_TRUE(word.claim(1, true).empty());
    ASSERT_FALSE(word.finished()) << "the participant has not left";
    ASSERT_FALSE(word.leave());
    ASSERT_TRUE(word.finished());
}

TEST(range_word, the_last_to_leave_wakes_a_caller_that_sleeps) {
    range_word word;
    word.open({0, 2});
    ASSERT_FALSE(word.claim(1, false).empty());
    ASSERT_FALSE(word.claim(1, false).empty());
    ASSERT_TRUE(word.announce_wait());
    ASSERT_FALSE(word.leave());
    ASSERT_TRUE(word.leave());
    ASSERT_FALSE(word.announce_wait());
    word.open({0, 1});
    ASSERT_FALSE(word.claim(1, false).empty());
    ASSERT_FALSE(word.leave()) << "the announcement was for the loop before";
}

TEST(range_word, dropped_units_are_not_given) {
    range_word word;
    word.open({0, 100});
    ASSERT_EQ(word.claim(10, false).last, 10u);
    word.drop_rest();
    ASSERT_EQ(word.left(), 0u);
    ASSERT_TRUE(word.claim(1, true).empty());
    word.drop_rest();
    ASSERT_FALSE(word.leave());
    ASSERT_TRUE(word.finished());
}

TEST(range_word, holds_the_largest_ranges_and_many_participants) {
    range_word word;
    std::uint64_t const most = range_word::max_units;
    word.open({most - 1, most});
    ASSERT_EQ(word.claim(most, false).last, most);
    ASSERT_FALSE(word.leave());
    word.open({0, most});
    for (int i = 0; i < 1500; ++i) ASSERT_EQ(word.claim(1, false).first, static_cast<std::uint64_t>(i));
    ASSERT_TRUE(word.announce_wait());
    word.drop_rest();
    for (int i = 0; i < 1499; ++i) ASSERT_FALSE(word.leave());
    ASSERT_FALSE(word.finished());
    ASSERT_TRUE(word.leave());
    ASSERT_TRUE(word.finished());
}

TEST(range_word, stress) {
    watchdog const dog("range word stress");
    std::uint64_t const units = 1000;
    for (int round = 0; round < repetitions(500); ++round) {
        range_word word;
        std::vector<std::atomic<int>> ran(units);
        word.open({0, units});
        std::vector<std::thread> threads;
        for (std::uint64_t t = 1; t <= 3; ++t)
            threads.emplace_back([&, t] {
                bool registered = false;
                for (;;) {
                    unit_range const mine = word.claim(t, registered);
                    if (mine.empty()) break;
                    registered = true;
                    for (std::uint64_t i = mine.first; i < mine.last; ++i) ++ran[i];
                }
                if (registered) word.leave();
            });
        while (!word.finished()) std::this_thread::yield();
        for (std::atomic<int> const& count : ran) ASSERT_EQ(count, 1);
        for (std::thread& thread : threads) thread.join();
    }
}

} // namespace
