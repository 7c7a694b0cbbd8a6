// SPDX-License-Identifier: MIT
// The times by which the scheduler decides, each with its reason. The costs were measured on virtual machines with two
// cores. A cache line goes from one core to the other in 0.1 to 0.5 us. To wake a sleeping thread costs the waker 5 to
// 10 us, and the thread runs 25 to 40 us later. A thread that sleeps and is woken has lost about as much. bench/micro
// prints these costs for the machine at hand.
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

// Idle threads.

/// A waiting thread spins for this long before it sleeps: about the cost of sleeping and being woken.
inline constexpr time_cost wait_spin = microseconds_cost(20);
/// An idle worker searches for this long before it parks: twice the time that a parked worker takes to run.
inline constexpr time_cost search_grace = microseconds_cost(50);
/// A thread that finds nothing sends a steal request again after this long: about ten transfers of a cache line.
inline constexpr time_cost ask_pause = microseconds_cost(2);
/// A thread that has found nothing in the local deques of other threads looks there again after this long.
inline constexpr time_cost steal_pause = microseconds_cost(1);
/// An external caller waits for this long for the worker slot of a searching worker; then `parking_wait` for a worker
/// that has taken its request and parks.
inline constexpr time_cost place_wait = microseconds_cost(5);
inline constexpr time_cost parking_wait = microseconds_cost(50);

// Work that is too short to wake a thread for it.

/// A job of an external caller that finishes earlier wakes no thread the next time: a wake-up, and the delay of the
/// thread.
inline constexpr time_cost job_worth_waking = microseconds_cost(60);
/// A run of a graph that finishes earlier wakes no thread the next time.
inline constexpr time_cost run_worth_waking = microseconds_cost(20);
/// A run of a graph shares no nodes for this long after it has shared some: waking a thread takes about as long.
inline constexpr time_cost share_pause = microseconds_cost(20);

// Calls of the program's code that take long.

/// A call that takes longer hides what its thread keeps: other threads hand that out.
inline constexpr time_cost short_call = microseconds_cost(5);
/// Before each comparison that takes longer, a sort looks whether it was stopped: a look is less than 1 % of it. A sort
/// of a cache's elements without a look takes less than a tenth of a second then.
inline constexpr time_cost slow_comparison = microseconds_cost(1);
/// A loop runs on its caller alone for this long before it checks whether the rest is worth another thread: some
/// transfers of a cache line.
inline constexpr time_cost loop_probe = {500};
/// The rest of a loop that is worth a searching thread; a thread that must be woken; the shortest chunk.
inline constexpr time_cost loop_share_hot = {600};
inline constexpr time_cost loop_share_cold = microseconds_cost(60);
inline constexpr time_cost loop_chunk = microseconds_cost(2);
/// How long a thread runs a loop between two looks at stops and urgent work: a look is 0.1 to 0.3 % of it.
inline constexpr time_cost loop_piece = microseconds_cost(30);
/// The watcher looks at loops that their callers run alone: `watch_again` after the first look at a loop, else every
/// `watch_interval`.
inline constexpr time_cost watch_again = microseconds_cost(200);
inline constexpr time_cost watch_interval = milliseconds_cost(4);

/// A warm pool looks after this time for tasks that busy threads have pushed and cannot publish.
inline constexpr time_cost warm_look = milliseconds_cost(1);
/// A job may publish one more task of each kind after this long: a publication is some transfers of a line.
inline constexpr time_cost publication = microseconds_cost(4);

// Fairness.

/// A thread takes twice as many items at once as before if the last ones took less; those of four times as long one by
/// one. Of a long queue it takes as many as last for `overdue_batch`, about, at most 32.
inline constexpr time_cost short_item = microseconds_cost(1);
/// The batch of a thread that is older goes before the items in the injector.
inline constexpr time_cost overdue_batch = microseconds_cost(50);
/// The shortest turn of a hosted pool, while its host has other work.
inline constexpr time_cost hosted_turn = milliseconds_cost(1);

/// A helper stays with loops for this long before it leaves a loop for waiting items.
inline constexpr time_cost helping = milliseconds_cost(1);
/// A thread runs long pieces of its own for this long before it leaves its core to overdue work.
inline constexpr time_cost overdue_patience = milliseconds_cost(10);
/// A thread goes on with its own work for `urgent_interval` before it leaves its core to urgent work again. Then it
/// sleeps for at most `urgent_patience`.
inline constexpr time_cost urgent_interval = microseconds_cost(500);
inline constexpr time_cost urgent_patience = milliseconds_cost(5);

// Sleeps after which a thread looks again, as no other thread may tell it.

/// A worker that watches over short jobs of external callers.
inline constexpr time_cost root_watch = milliseconds_cost(1);
/// A thread that waits in a task: the first and the longest sleep. While it looks, its core has one thread too many.
inline constexpr time_cost first_sleep = milliseconds_cost(5);
inline constexpr time_cost longest_sleep = milliseconds_cost(80);
/// An external thread that waits while all workers are busy: the first and the longest sleep.
inline constexpr time_cost first_outside_sleep = milliseconds_cost(100);
inline constexpr time_cost longest_outside_sleep = milliseconds_cost(1000);
/// A thread that waits where no thread runs the timers, or the work of the pool.
inline constexpr time_cost serving_sleep = milliseconds_cost(1);

} // namespace costs
} // namespace hocket::inline HOCKET_ABI::detail
