// SPDX-License-Identifier: MIT
// Tests of pending_count: closing waits for the counted calls, and no call can be counted afterwards.
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

TEST(pending_count, closes_at_once_when_there_is_nothing) {
    thread_pool pool({.workers = 1});
    detail::pending_count count;
    ASSERT_TRUE(count.add());
    count.done();
    ASSERT_FALSE(count.ending());
    count.close(pool.sched());
    ASSERT_TRUE(count.ending());
    ASSERT_FALSE(count.add());
    count.close(pool.sched());
}

TEST(pending_count, closes_after_the_last_one_that_could_be_added) {
    watchdog const dog("closing a pending_count");
    thread_pool pool({.workers = 1});
    for (int round = 0; round < stress_test::repetitions(2000); ++round) {
        auto* const count = new detail::pending_count;
        std::atomic<int> refused{0};
        int done = 0;
        ASSERT_TRUE(count->add());
        std::thread adder([&] {
            for (int i = 0; i < 20; ++i)
                if (!count->add()) ++refused;
            for (int i = refused; i < 20; ++i) count->done();
            done = 1;
            count->done();
        });
        count->close(pool.sched());
        ASSERT_EQ(done, 1);
        ASSERT_EQ(refused, 0);
        ASSERT_FALSE(count->add());
        delete count;
        adder.join();
    }
}

} // namespace
