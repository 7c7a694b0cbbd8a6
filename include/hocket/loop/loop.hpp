// SPDX-License-Identifier: MIT
// The engine of every parallel loop. Each worker has a stripe of the iterations. It consumes its own stripe from the
// front, then helps with other stripes (as dispenso does). A loop runs its first microsecond serially (as parlay does),
// unless the cost of its body in earlier loops is known. So tiny loops never leave the caller.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/options.hpp>
#include <hocket/loop/call_watch.hpp>
#include <hocket/loop/claim.hpp>
#include <hocket/loop/late_loop.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/queue/loop_record.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The cost of loops over one type of body, in ticks per iteration; 0 before the first loop. Relaxed: a hint.
struct loop_cost {
    atomic<double> per_iteration{0};

    double known() const noexcept { return per_iteration.load(std::memory_order_relaxed); }
    void learn(ticks spent, std::uint64_t iterations) noexcept;
};

/// Notes a loop of `length` that no awake thread can share. Returns true if there were so many such loops lately that
/// waking a thread would have paid. Then later loops find an awake thread.
bool regret_cold_loop(worker& me, ticks length, loop_times const& times) noexcept;

/// A claim of units of one stripe.
struct loop_ticket {
    loop_stripe* stripe = nullptr;
    unit_range units{0, 0};
    explicit operator bool() const noexcept { return stripe != nullptr; }
};

/// Claims units of the stripe of `rank`, or else of the stripe with most units left. Registers the caller with that
/// stripe.
loop_ticket claim_share(loop_record& loop, std::uint32_t rank) noexcept;

/// Looks for items that wait in the injector or with the caller of a loop. Hands out what the caller keeps into the
/// local deque of the helper. Returns whether the helper goes back to the search.
bool finds_items(worker& helper, worker& caller, ticks now) noexcept;

/// Whether a helper of a loop goes back to the search at the time `now`. It does so if urgent work waits, and once in a
/// millisecond if items wait. If no items wait, it looks for them again after the time of a piece: these looks read
/// lines that it does not need otherwise.
HOCKET_ALWAYS_INLINE bool leaves_loop(worker& helper, worker& caller, ticks now) noexcept {
    if (is_called_away(helper)) return true;
    return now >= helper.helps_until && finds_items(helper, caller, now);
}

/// Runs claimed units of a loop, and claims no more.
[[gnu::cold]] void run_one_claim(loop_record& loop, loop_ticket const& ticket) noexcept;

/// Runs claimed units, and further units of the loop until none is left to be claimed. Returns how many iterations it
/// ran. `helper` is the worker that helps, or null for the caller of the loop. A helper leaves when other work has to
/// begin: see leaves_loop.
std::uint64_t participate(loop_record& loop, loop_ticket ticket, std::uint32_t rank, worker* helper) noexcept;

/// Takes part in a loop that another thread has called.
void help_with_loop(worker& me, loop_record& loop, loop_ticket const& ticket) noexcept;

/// The parameters of a launch.
struct loop_launch {
    loop_job const& job;
    std::uint64_t units_per_claim;
};

/// The part of a loop that its caller ran, by its own clock.
struct own_part {
    bool opened;
    std::uint64_t ran; // iterations
    ticks spent;
};

/// Opens the loop to the pool, takes part in it, and returns when every unit is done or dropped. If the loop cannot be
/// opened, no iteration has run.
[[gnu::cold]] own_part launch(worker& me, loop_launch const& what) noexcept;

/// Returns how many units to claim at once: few enough to balance the load, enough to hide the cost of a claim.
std::uint64_t units_per_claim(loop_plan const& plan, std::uint64_t share, double ticks_per_unit,
                              loop_times const& times) noexcept;

/// Whether to share a rest that should take `expected` ticks. Sets `wake` if threads should be woken for it.
bool worth_sharing(pool_entry& entry, double expected, loop_times const& times, bool& wake) noexcept;

/// Takes part in the open rest of a loop without a record, and waits for its helpers. With `drop`, no further iteration
/// begins.
[[gnu::cold]] void finish_late(pool_entry& entry, late_loop& late, bool drop) noexcept;

/// Counts the tiny loops of the thread. Seven of eight do not look at the clock, since earlier ones took next to
/// nothing.
inline constinit thread_local std::uint32_t tiny_loops = 0;
inline constexpr std::uint32_t tiny_loops_for_a_look = 8;

/// How much of a loop the calling thread has run alone.
struct loop_beginning {
    std::uint64_t done; // iterations
    bool over;          // no rest is left: all is done, or the body has ended the loop
};

/// Runs a loop that took next to nothing lately on the calling thread, without a clock. Returns how many iterations are
/// done. If a body takes long nevertheless, the watcher shares the rest.
std::uint64_t run_tiny(pool_entry& entry, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost,
                       fp_mode mode) noexcept;

/// Runs the first iterations of a loop on the calling thread until the rest is worth sharing, or no iteration is left.
/// If a body takes long, the watcher shares the rest. A few iterations are claimed one by one, so that other threads
/// can then run each iteration that has not begun.
loop_beginning run_beginning(pool_entry& entry, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost,
                             fp_mode mode) noexcept;

/// Runs the rest of a loop on the calling thread. Returns how many iterations are done. If they are few, it does not
/// look at the clock: each is a piece of its own.
std::uint64_t run_serially(std::uint64_t done, std::uint64_t n, loop_plan const& plan, loop_body body) noexcept;

/// Runs a rest without a record, since too many loops are nested or only some of the workers may take part.
[[gnu::cold]] std::uint64_t run_late(pool_entry& entry, std::uint64_t done, std::uint64_t n, loop_plan const& plan,
                                     std::uint32_t helpers, loop_body body, fp_mode mode) noexcept;

/// Runs a loop that other threads may share. Returns how many iterations the calling thread has run.
std::uint64_t share_loop(pool_entry& entry, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost,
                         fp_mode mode) noexcept;

[[gnu::cold]] void run_shown_loop(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body,
                                  loop_cost& cost);
void run_loop_untyped(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost);

/// Calls `chunk(first, last)` for disjoint parts of [0, n), on the pool and on the calling thread, and returns when all
/// calls have returned. The threads share `chunk`. It returns false to stop the loop; then parts that have not begun
/// are skipped. Throws only std::logic_error, in a child of fork().
template<class Chunk>
void run_loop(scheduler& pool, std::uint64_t n, loop_plan const& plan, Chunk& chunk) {
    static constinit loop_cost cost;
    auto const run = [](void* self, std::uint64_t first, std::uint64_t last) noexcept -> bool {
        return (*static_cast<Chunk*>(self))(first, last);
    };
    run_loop_untyped(pool, n, plan, {run, const_cast<void*>(static_cast<void const*>(&chunk))}, cost);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/loop.ipp>
#endif
