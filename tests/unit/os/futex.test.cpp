// SPDX-License-Identifier: MIT
// Tests of sleeping on a word, and of the plain promises of the fence and the clock.
#include <hocket/os/atomics.hpp>
#include <hocket/os/ticks.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace {

using namespace hocket::detail;
using stress_test::watchdog;

TEST(futex, does_not_sleep_when_the_word_differs) {
    watchdog const dog("futex differs");
    std::atomic<std::uint32_t> word{1};
    std_atomics::futex_wait(word, 0);
    std_atomics::futex_wait_for(word, 0, 3'600'000'000'000);
}

TEST(futex, a_limit_ends_the_sleep) {
    watchdog const dog("futex limit");
    std::atomic<std::uint32_t> word{0};
    std_atomics::futex_wait_for(word, 0, 1'000'000);
    std_atomics::futex_wait_for(word, 0, 0);
    sleep_for(1'000);
}

TEST(futex, a_wake_up_ends_the_sleep) {
    watchdog const dog("futex wake");
    std::atomic<std::uint32_t> word{0};
    std::thread sleeper([&] {
        while (word == 0) std_atomics::futex_wait(word, 0);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    word = 1;
    std_atomics::futex_wake_one(word);
    sleeper.join();
}

// Tests store buffering: with a full fence between store and load, at least one side sees the other. Each round takes
// turns twice, which takes long where other programs have the cores. So a time limit ends the test as well.
TEST(full_fence, orders_a_store_before_a_load) {
    watchdog const dog("full fence");
    std::atomic<int> x{0};
    std::atomic<int> y{0};
    std::atomic<int> turn{0};
    std::atomic<bool> enough{false};
    int seen_x = 0;
    int const rounds = stress_test::repetitions(20'000);
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::thread other([&] {
        for (int i = 1; i <= rounds; ++i) {
            while (turn < i && !enough) spin_hint();
            if (enough) return;
            y.store(i, std::memory_order_relaxed);
            std_atomics::full_fence();
            seen_x = x.load(std::memory_order_relaxed);
            turn.store(-i);
            while (turn < 0) std::this_thread::yield();
        }
    });
    int neither = 0;
    for (int i = 1; i <= rounds && (i < 100 || std::chrono::steady_clock::now() < end); ++i) {
        turn = i;
        x.store(i, std::memory_order_relaxed);
        std_atomics::full_fence();
        int const seen_y = y.load(std::memory_order_relaxed);
        while (turn != -i) std::this_thread::yield();
        neither += seen_y != i && seen_x != i;
        turn = 0;
    }
    enough = true;
    other.join();
    ASSERT_EQ(neither, 0);
}

TEST(ticks, advance_with_the_clock) {
    ticks const rate = ticks_per_microsecond();
    ASSERT_GE(rate, 1u);
    ASSERT_EQ(rate, ticks_per_microsecond());
    ticks const before = now_ticks();
    std::uint64_t const since = monotonic_nanoseconds();
    while (monotonic_nanoseconds() - since < 100'000) spin_hint();
    ASSERT_GT(now_ticks(), before);
}

} // namespace
