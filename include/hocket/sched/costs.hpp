// SPDX-License-Identifier: MIT
// The times by which the scheduler decides, each with what it weighs. What they cost was measured on virtual machines
// with two cores: a cache line goes from one core to the other in 0.1 to 0.5 us; waking a sleeping thread costs the
// waker 5 to 10 us, and the thread runs 25 to 40 us later; a thread that sleeps and is woken has lost about as much.
// bench/micro prints these costs for the machine at hand.
#pragma once

#include <hocket/os/ticks.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// A time in nanoseconds.
struct time_cost {
    long long nanoseconds;

    [[nodiscard]] ticks in_ticks() const noexcept {
        if (nanoseconds % 1000 == 0) return static_cast<ticks>(nanoseconds / 1000) * ticks_per_microsecond();
        return static_cast<ticks>(nanoseconds) * ticks_per_microsecond() / 1000;
    }
};

constexpr time_cost microseconds_cost(long long count) noexcept { return {count * 1000}; }
constexpr time_cost milliseconds_cost(long long count) noexcept { return {count * 1'000'000}; }

namespace costs {

// Threads that have nothing to do.

/// A waiting thread spins for this long before it sleeps: about the cost of sleeping and being woken.
inline constexpr time_cost wait_spin = microseconds_cost(20);
/// An idle worker searches for this long before it parks: twice the time that a parked one takes to come.
inline constexpr time_cost search_grace = microseconds_cost(50);
/// A thread that finds nothing asks a busy one again after this long: some ten transfers of a line.
inline constexpr time_cost ask_pause = microseconds_cost(2);
/// A thread that has found nothing in the deques of others looks there again after this long.
inline constexpr time_cost steal_pause = microseconds_cost(1);
/// A caller from outside waits for the place of a worker that searches; then for one that was seen to park.
inline constexpr time_cost place_wait = microseconds_cost(5);
inline constexpr time_cost parking_wait = microseconds_cost(50);

// Work that is too short to wake a thread for it.

/// A job from outside that ends earlier wakes no thread the next time: waking, and the thread's way.
inline constexpr time_cost job_worth_waking = microseconds_cost(60);
/// A run of a graph that ends earlier wakes no thread the next time.
inline constexpr time_cost run_worth_waking = microseconds_cost(20);
/// A run of a graph shares no nodes for this long after it has shared some: waking a thread takes about as long.
inline constexpr time_cost share_pause = microseconds_cost(20);

// Calls of the program's code that take long.

/// A call that takes longer hides what its thread keeps: others hand that out.
inline constexpr time_cost short_call = microseconds_cost(5);
/// A loop runs by itself for this long before it asks whether the rest is worth a thread: some transfers of a line.
inline constexpr time_cost loop_probe = {500};
/// The rest of a loop is worth a thread that searches; one that must be woken; the least that a chunk takes.
inline constexpr time_cost loop_share_hot = {600};
inline constexpr time_cost loop_share_cold = microseconds_cost(60);
inline constexpr time_cost loop_chunk = microseconds_cost(2);
/// What a thread runs of a loop between two looks at stops and urgent work: a look is 0.1 to 0.3 % of it.
inline constexpr time_cost loop_piece = microseconds_cost(30);
/// The watcher looks at loops that their callers run by themselves: again after the first look at one, and else.
inline constexpr time_cost watch_again = microseconds_cost(200);
inline constexpr time_cost watch_interval = milliseconds_cost(4);

// Fairness.

/// A helper stays with loops for this long before it leaves one to items that wait.
inline constexpr time_cost helping = milliseconds_cost(1);
/// A thread goes on with its own work for this long before it leaves its core to urgent work again; and then sleeps at
/// most for so long.
inline constexpr time_cost urgent_interval = microseconds_cost(500);
inline constexpr time_cost urgent_patience = milliseconds_cost(5);

// Sleeps after which a thread looks again, as no other one may tell it.

/// A worker that watches over short jobs from outside.
inline constexpr time_cost root_watch = milliseconds_cost(1);
/// A thread that waits in a task: at first, and at last. While it looks its core has one thread too many.
inline constexpr time_cost first_sleep = milliseconds_cost(5);
inline constexpr time_cost longest_sleep = milliseconds_cost(80);
/// A thread that waits where no thread runs the timers, or the work of the pool.
inline constexpr time_cost serving_sleep = milliseconds_cost(1);

} // namespace costs
} // namespace hocket::inline HOCKET_ABI::detail
