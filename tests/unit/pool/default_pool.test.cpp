// SPDX-License-Identifier: MIT
// Tests of default_pool: one pool, made at first use, by the first thread that asks. Forks:
// tests/stress/process_life.test.cpp.
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/pool/default_pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

TEST(default_pool, is_one_pool_for_all_who_come_at_once) {
    std::atomic<int> arrived{0};
    std::vector<thread_pool*> seen(8);
    std::vector<std::thread> threads;
    for (thread_pool*& found : seen)
        threads.emplace_back([&] {
            ++arrived;
            while (arrived != 8) std::this_thread::yield();
            found = &default_pool();
        });
    for (std::thread& thread : threads) thread.join();
    for (thread_pool* const found : seen) ASSERT_EQ(found, &default_pool());
}

TEST(default_pool, serves_calls_without_a_pool) {
    std::atomic<int> wrong{0};
    auto const here = [&] {
        wrong += detail::this_slot == nullptr || detail::this_slot->sched != &default_pool().sched();
    };
    join(here, here);
    ASSERT_EQ(wrong, 0);
    thread_pool other({.workers = 2});
    join(
        other, [&] { wrong += &detail::current_pool() != &other; }, [] {});
    ASSERT_EQ(&detail::current_pool(), &default_pool());
    ASSERT_EQ(wrong, 0);
}

TEST(default_pool, tells_at_the_end_of_the_process_how_many_tasks_were_not_finished) {
    if (hocket::detail::sanitized)
        GTEST_SKIP() << "ThreadSanitizer supports no threads in the child of a threaded process";
    EXPECT_EXIT(
        {
            setenv("HOCKET_DISPLAY", "yes", 1);
            setenv("HOCKET_NUM_THREADS", "2", 1);
            std::atomic<int> begun{0};
            task_group group;
            for (int i = 0; i < 5; ++i)
                group.run([&] {
                    ++begun;
                    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
                });
            while (begun != 2) std::this_thread::yield();
            std::exit(0);
        },
        testing::ExitedWithCode(0), "5 tasks of the default pool were not finished");
}

} // namespace
