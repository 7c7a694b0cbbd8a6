// SPDX-License-Identifier: MIT
// Tests of the latch, single-threaded and under load. All interleavings of small cases: tests/model/latch.test.cpp.
#include <hocket/fork_join/group_count.hpp>
#include <hocket/sched/latch.hpp>
#include <hocket/sched/sleep.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

TEST(latch, is_ready_while_there_is_nothing_to_do) {
    latch done;
    ASSERT_TRUE(done.ready());
    ASSERT_EQ(done.announce_wait(0), latch::announcement::over);
}

TEST(latch, the_last_one_learns_whom_to_wake) {
    latch done;
    for (std::uint32_t slot : {0u, 1u, 100'000u}) {
        done.add();
        done.add();
        ASSERT_FALSE(done.ready());
        ASSERT_EQ(done.announce_wait(slot), latch::announcement::made);
        ASSERT_EQ(done.finish(), 0u);
        ASSERT_EQ(done.finish(), slot + 1);
        ASSERT_TRUE(done.ready());
        ASSERT_FALSE(done.withdraw(slot)) << "nothing is left";
    }
}

TEST(latch, nobody_is_woken_after_a_withdrawal) {
    latch done;
    done.add();
    ASSERT_EQ(done.announce_wait(3), latch::announcement::made);
    ASSERT_TRUE(done.withdraw(3));
    ASSERT_EQ(done.finish(), 0u);
}

TEST(latch, a_second_waiter_is_told_to_use_the_list) {
    latch done;
    done.add(3);
    ASSERT_EQ(done.announce_wait(3), latch::announcement::made);
    ASSERT_EQ(done.announce_wait(4), latch::announcement::taken);
    ASSERT_EQ(done.announce_wait(3), latch::announcement::made) << "once more by the first one";
    ASSERT_TRUE(done.announce_more());
    ASSERT_EQ(done.finish(), 0u);
    std::uint32_t const told = done.finish(5);
    ASSERT_EQ(latch::slot_of(told), 4u);
    ASSERT_NE(told & latch::more_flag, 0u);
    ASSERT_EQ(done.count(), -3);
    ASSERT_EQ(done.finish(), 0u) << "it came to zero before";
    ASSERT_FALSE(done.announce_more());
    done.withdraw_more();
}

// Tasks that the maker has counted by itself may have finished before the latch hears of them.
TEST(group_count, knows_the_end_although_the_latch_does_not_know_all) {
    group_count left;
    ASSERT_TRUE(left.ended());
    left.add_own(5);
    left.latch().finish(3);
    ASSERT_FALSE(left.ended());
    ASSERT_TRUE(left.ended(2));
    left.fold();
    ASSERT_EQ(left.latch().count(), 2);
    left.add_own(1);
    left.add();
    left.latch().finish(3);
    ASSERT_EQ(left.latch().count(), 0);
    ASSERT_FALSE(left.ended());
    left.fold();
    left.fold();
    ASSERT_EQ(left.latch().count(), 1);
    ASSERT_EQ(left.latch().finish(), 0u);
    ASSERT_TRUE(left.ended());
}

TEST(latch, may_die_as_soon_as_it_is_ready) {
    watchdog const dog("latch");
    for (int round = 0; round < repetitions(2000); ++round) {
        parker sleeper;
        auto done = std::make_unique<latch>();
        done->add();
        done->add();
        auto const finish = [&sleeper](latch* its) {
            if (its->finish() != 0) sleeper.wake();
        };
        std::thread first(finish, done.get());
        std::thread second(finish, done.get());
        while (!done->ready()) {
            sleeper.reset();
            if (done->announce_wait(0) == latch::announcement::made) sleeper.sleep();
        }
        done.reset();
        first.join();
        second.join();
    }
}

} // namespace
