// SPDX-License-Identifier: MIT
// Tests of the idle set, step by step, and of the parker. All interleavings of small cases: tests/model/sleep.test.cpp.
#include <hocket/sched/sleep.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

std::optional<idle_bit> claim(idle_set& set, std::uint64_t enough = 1, idle_bit avoid = idle_set::no_worker) {
    bool compensation_wanted = false;
    return set.claim_sleeper(enough, avoid, compensation_wanted);
}

TEST(idle_set, claims_each_sleeper_once_and_counts_it_as_searching) {
    idle_set set;
    set.start_parked(0b111);
    ASSERT_EQ(claim(set, 5), 0u);
    ASSERT_EQ(claim(set, 5), 1u);
    ASSERT_EQ(set.look().searching(), 2u);
    ASSERT_EQ(claim(set, 5), 2u);
    ASSERT_EQ(claim(set, 5), std::nullopt);
    ASSERT_EQ(set.look().parked_workers(), 0u);
    ASSERT_EQ(set.look().searching(), 3u);
}

TEST(idle_set, claims_nobody_when_enough_search) {
    idle_set set;
    set.start_parked(0b11);
    ASSERT_TRUE(claim(set, 1));
    ASSERT_FALSE(claim(set, 1));
    ASSERT_TRUE(claim(set, 2));
    ASSERT_FALSE(set.end_search()) << "another one still searches";
    ASSERT_TRUE(set.end_search());
}

TEST(idle_set, the_worker_to_avoid_comes_last) {
    idle_set set;
    set.start_parked(0b111);
    ASSERT_EQ(claim(set, 9, 0), 1u);
    ASSERT_EQ(claim(set, 9, 0), 2u);
    ASSERT_EQ(claim(set, 9, 0), 0u);
}

TEST(idle_set, parks_and_cancels) {
    idle_set set;
    set.begin_search();
    set.park(31);
    ASSERT_EQ(set.look().parked_workers(), std::uint64_t{1} << 31);
    ASSERT_EQ(set.look().searching(), 0u);
    ASSERT_TRUE(set.cancel_park(31));
    ASSERT_EQ(set.look().parked_workers(), 0u);
    ASSERT_EQ(set.look().searching(), 1u);
    set.park(31);
    ASSERT_EQ(claim(set), 31u);
    ASSERT_FALSE(set.cancel_park(31)) << "claimed: a token is on the way";
    ASSERT_EQ(set.look().searching(), 1u);
}

TEST(idle_set, guests_take_the_place_that_they_prefer) {
    idle_set set;
    set.start_parked(0b1010);
    ASSERT_EQ(set.occupy(3), 3u);
    ASSERT_EQ(set.occupy(3), 1u);
    ASSERT_EQ(set.occupy(3), std::nullopt);
    ASSERT_EQ(set.vacate(3).parked_workers(), 0u);
    ASSERT_EQ(set.look().parked_workers(), 0b1000u);
    ASSERT_EQ(set.occupy(1), 3u);
}

TEST(idle_set, a_spare_needs_a_lent_core) {
    idle_set set;
    bool compensation_wanted = false;
    ASSERT_FALSE(set.claim_sleeper(1, idle_set::no_worker, compensation_wanted));
    ASSERT_FALSE(compensation_wanted) << "no core is lent";
    set.release_core();
    ASSERT_FALSE(set.claim_sleeper(1, idle_set::no_worker, compensation_wanted));
    ASSERT_TRUE(compensation_wanted);
    ASSERT_TRUE(set.claim_released_core());
    ASSERT_EQ(set.look().released(), 0u);
    ASSERT_EQ(set.look().searching(), 1u);
    ASSERT_FALSE(set.claim_released_core());
    set.leave_search(true);
    ASSERT_EQ(set.look().released(), 1u);
    ASSERT_EQ(set.look().searching(), 0u);
    ASSERT_TRUE(set.claim_released_core());
    set.give_back_claimed_core();
    ASSERT_EQ(set.look().released(), 1u);
    ASSERT_TRUE(set.claim_released_core());
    set.leave_search(false);
    ASSERT_EQ(set.look().released(), 0u);
    ASSERT_FALSE(set.claim_sleeper(1, idle_set::no_worker, compensation_wanted));
    ASSERT_FALSE(compensation_wanted) << "it sleeps, but no core is lent";
}

TEST(idle_set, counts_as_many_waiting_threads_as_there_may_be) {
    idle_set set;
    set.start_parked(0b1);
    constexpr std::uint64_t many = 40'000;
    for (std::uint64_t i = 0; i < many; ++i) set.begin_search();
    for (std::uint64_t i = 0; i < many; ++i) set.release_core();
    ASSERT_EQ(set.look().searching(), many);
    ASSERT_EQ(set.look().released(), many);
    ASSERT_EQ(set.look().parked_workers(), 1u);
}

TEST(idle_set, a_core_is_taken_back_unless_a_spare_has_it) {
    idle_set set;
    set.release_core();
    ASSERT_TRUE(set.reacquire_core());
    ASSERT_FALSE(set.reacquire_core());
    set.release_core();
    ASSERT_TRUE(set.claim_released_core());
    ASSERT_FALSE(set.reacquire_core());
}

TEST(parker, a_token_that_comes_first_is_kept) {
    parker sleeper;
    sleeper.reset();
    sleeper.wake();
    sleeper.sleep();
    ASSERT_TRUE(sleeper.sleep_for(1));
    sleeper.reset();
    ASSERT_FALSE(sleeper.sleep_for(1'000'000));
}

TEST(parker, ping_pong) {
    watchdog const dog("parker ping-pong");
    parker here;
    parker there;
    int const rounds = repetitions(20'000);
    long counter = 0;
    std::thread other([&] {
        for (int i = 0; i < rounds; ++i) {
            there.sleep();
            there.reset();
            ++counter;
            here.wake();
        }
    });
    for (int i = 0; i < rounds; ++i) {
        here.reset();
        there.wake();
        here.sleep();
        ++counter;
    }
    other.join();
    ASSERT_EQ(counter, 2L * rounds);
}

} // namespace
