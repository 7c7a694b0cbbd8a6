// SPDX-License-Identifier: MIT
// Tests of the latch, single-threaded and under load. All interleavings of small cases: tests/model/latch.test.cpp.
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
    ASSERT_FALSE(done.announce_wait(0));
}

TEST(latch, the_last_one_learns_whom_to_wake) {
    latch done;
    for (std::uint32_t context : {0u, 1u, 100'000u}) {
        done.add();
        done.add();
        ASSERT_FALSE(done.ready());
        ASSERT_TRUE(done.announce_wait(context));
        ASSERT_EQ(done.finish(), 0u);
        ASSERT_EQ(done.finish(), context + 1);
        ASSERT_TRUE(done.ready());
        ASSERT_FALSE(done.withdraw()) << "somebody has been told already";
    }
}

TEST(latch, nobody_is_woken_after_a_withdrawal) {
    latch done;
    done.add();
    ASSERT_TRUE(done.announce_wait(3));
    ASSERT_TRUE(done.withdraw());
    ASSERT_EQ(done.finish(), 0u);
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
            if (done->announce_wait(0)) sleeper.sleep();
        }
        done.reset();
        first.join();
        second.join();
    }
}

} // namespace
