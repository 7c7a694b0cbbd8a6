// SPDX-License-Identifier: MIT
// No worker sleeps while there is work that no thread has begun. A task that another thread waits for begins while a
// worker idles, whatever the other workers are busy with.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

/// Whether `flag` is set within some seconds: an eternity for an idle worker.
bool happens(std::atomic<bool> const& flag) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!flag) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

// The loop took a microsecond each time before, so its helper is not expected to be away for long.
TEST(work_conservation, a_task_begins_while_a_short_loop_turns_out_to_be_long) {
    watchdog const dog("short loop turns long");
    for (unsigned workers : {2u, 3u, 4u}) {
        thread_pool pool({.workers = workers});
        task_group group(pool);
        auto const caller = std::this_thread::get_id();
        int shared = 0;
        for (int round = 0; round < repetitions(2000) && shared < 50; ++round) {
            std::atomic<bool> helped{false};
            std::atomic<bool> ran{false};
            std::atomic<int> late{0};
            auto const run = [&](bool blocks) {
                parallel_for(pool, 0, 4, [&](int) {
                    burn(1000);
                    if (!blocks || std::this_thread::get_id() == caller || helped.exchange(true)) return;
                    group.run([&] { ran = true; });
                    late += !happens(ran);
                });
            };
            for (int i = 0; i < 50; ++i) run(false);
            run(true);
            shared += helped;
            group.wait();
            ASSERT_EQ(late, 0) << "no worker began the task, " << workers << " workers, round " << round;
        }
    }
}

TEST(work_conservation, a_task_begins_while_all_but_one_are_busy) {
    watchdog const dog("all but one are busy");
    for (unsigned workers : {2u, 3u, 8u}) {
        thread_pool pool({.workers = workers});
        for (int round = 0; round < repetitions(200); ++round) {
            std::atomic<bool> ran{false};
            std::atomic<int> late{0};
            std::atomic<unsigned> busy{0};
            task_group blockers(pool);
            task_group other(pool);
            for (unsigned i = 0; i + 1 < workers; ++i)
                blockers.run([&] {
                    ++busy;
                    late += !happens(ran);
                });
            while (busy + 1 < workers) std::this_thread::yield();
            if (round % 2 == 0)
                std::this_thread::sleep_for(std::chrono::microseconds(100)); // until the idle one sleeps
            other.run([&] { ran = true; });
            ASSERT_TRUE(happens(ran));
            blockers.wait();
            ASSERT_EQ(late, 0);
        }
    }
}

// One worker waits for the other, which needs a task that no thread waits for. The waiting worker has released its
// core.
TEST(work_conservation, a_task_begins_on_the_core_of_a_worker_that_waits) {
    watchdog const dog("on a lent core");
    thread_pool pool({.workers = 2});
    for (int round = 0; round < repetitions(200); ++round) {
        std::atomic<bool> stolen{false};
        std::atomic<bool> ran{false};
        bool in_time = false;
        task_group extra(pool);
        join(
            pool,
            [&] {
                while (!stolen) {
                    join([] {}, [] {}); // publishes the tasks that were forked before
                    std::this_thread::yield();
                }
            },
            [&] {
                stolen = true;
                if (round % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
                extra.run([&] { ran = true; });
                in_time = happens(ran);
            });
        ASSERT_TRUE(in_time) << "round " << round;
    }
}

} // namespace
