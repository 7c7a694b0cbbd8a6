// SPDX-License-Identifier: MIT
// Waiters of a condition: none is lost, a limit ends a wait, and the condition decides.
#include <hocket/os/os_condition.hpp>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using hocket::detail::os_condition;
using hocket::detail::os_mutex;

TEST(os_condition, wakes_every_waiter) {
    for (int waiters : {1, 2, 3, 8, 64}) {
        os_mutex mutex;
        os_condition changed;
        int waiting = 0;
        int turn = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < waiters; ++i)
            threads.emplace_back([&] {
                std::unique_lock lock(mutex);
                ++waiting;
                changed.notify_all();
                changed.wait(lock, [&] { return turn == 1; });
                --waiting;
                changed.notify_all();
            });
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return waiting == waiters; });
        turn = 1;
        changed.notify_all();
        changed.wait(lock, [&] { return waiting == 0; });
        lock.unlock();
        for (std::thread& t : threads) t.join();
        EXPECT_EQ(waiting, 0);
    }
}

TEST(os_condition, hands_a_turn_to_and_fro) {
    os_mutex mutex;
    os_condition changed;
    int turn = 0;
    auto const play = [&](int mine) {
        for (int i = 0; i < 2'000; ++i) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return turn % 2 == mine; });
            ++turn;
            changed.notify_all();
        }
    };
    std::thread other(play, 1);
    play(0);
    other.join();
    EXPECT_EQ(turn, 4'000);
}

TEST(os_condition, gives_up_at_its_limit) {
    os_mutex mutex;
    os_condition changed;
    std::unique_lock lock(mutex);
    auto const begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(changed.wait_for(lock, 20ms, [] { return false; }));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
    EXPECT_TRUE(lock.owns_lock());
    EXPECT_TRUE(changed.wait_for(lock, 20ms, [] { return true; }));
    EXPECT_FALSE(changed.wait_for(lock, -1ms, [] { return false; }));
}
