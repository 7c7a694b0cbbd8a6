// SPDX-License-Identifier: MIT
// The engine under every parallel loop. Each worker has a stripe of the iterations; it eats its own from the front,
// then helps with others' (dispenso's stripes). A loop runs its first microsecond serially (parlay) unless what its
// body cost the last time tells better, so tiny loops never leave the caller.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/loop/call_watch.hpp>
#include <hocket/loop/late_loop.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/queue/loop_record.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/guest.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// What loops over one type of body cost, in ticks per iteration; 0 before the first. Relaxed: a hint.
struct loop_cost {
    std::atomic<double> per_iteration{0};

    double known() const noexcept { return per_iteration.load(std::memory_order_relaxed); }
    void learn(ticks spent, std::uint64_t iterations) noexcept;
};

/// Notes a loop of `length` that nobody is awake to share. True when there were so many lately that waking a thread
/// would have paid: the loops that follow find it awake.
bool regret_cold_loop(worker& me, ticks length, loop_times const& times) noexcept;

/// A claim on units of one stripe.
struct loop_ticket {
    loop_stripe* stripe = nullptr;
    unit_range units{0, 0};
    explicit operator bool() const noexcept { return stripe != nullptr; }
};

/// Claims units of the stripe of `rank`, or else of the one with most left; registers the caller with that stripe.
loop_ticket claim_share(loop_record& loop, std::uint32_t rank) noexcept;

/// Whether a helper of a loop goes back to the search: something urgent waits; or items wait in the injector or with
/// the caller of the loop, and this thread has not left a loop for a millisecond. What the caller keeps is then handed
/// out into the deque of the helper.
HOCKET_ALWAYS_INLINE bool leaves_loop(worker& helper, worker& caller) noexcept {
    if (is_called_away(helper)) return true;
    bool const waits = !caller.deque.empty() || !caller.taken.empty() || !helper.sched->tasks(urgency::normal).empty();
    if (!waits && !caller.kept.is_open()) [[likely]]
        return false;
    ticks const now = now_ticks();
    if (now < helper.helps_until || (!waits && !hand_out_stuck(caller.kept))) return false;
    helper.helps_until = now + costs::helping.in_ticks();
    helper.prefers_items = true;
    return true;
}

/// Runs claimed units of a loop, and no more of it.
[[gnu::cold]] void run_one_claim(loop_record& loop, loop_ticket const& ticket) noexcept;

/// Runs claimed units and what else of the loop it can get, until nothing is left to be claimed. Returns how many it
/// ran. `helper`: the worker, unless it is the caller of the loop; it goes when something else has to begin: see
/// leaves_loop.
std::uint64_t participate(loop_record& loop, loop_ticket ticket, std::uint32_t rank, worker* helper) noexcept;

/// `participate` by a thread that has not called the loop.
void help_with_loop(worker& me, loop_record& loop, loop_ticket const& ticket) noexcept;

/// How a loop's stripes are laid out and who is called.
struct loop_launch {
    loop_job const& job;
    std::uint64_t units_per_claim;
};

/// What the caller did of a loop, by its own clock.
struct own_part {
    bool opened;
    std::uint64_t units;
    ticks spent;
};

/// Opens the loop to the pool, takes part in it, and returns when every unit is done or dropped. When it cannot be
/// opened, nothing has run.
[[gnu::cold]] own_part launch(worker& me, loop_launch const& what) noexcept;

/// How many units to claim at a time: small enough to balance, large enough to hide the claim.
std::uint64_t units_per_claim(loop_plan const& plan, std::uint64_t share, double ticks_per_unit,
                              loop_times const& times) noexcept;

/// Whether a rest that should take `expected` ticks is worth sharing, and in `wake` whether threads should be woken for
/// it.
bool worth_sharing(guest_scope& guest, double expected, loop_times const& times, bool& wake) noexcept;

/// Takes part in what was opened of a loop without a record, and waits for its helpers. `drop`: nothing more is to
/// begin.
[[gnu::cold]] void finish_late(guest_scope& guest, late_loop& late, bool drop) noexcept;

/// Of which so many in a row do not look at the clock, since the last ones took next to nothing.
inline constinit thread_local std::uint32_t tiny_loops = 0;
inline constexpr std::uint32_t tiny_loops_for_a_look = 8;

/// How far the calling thread came with a loop by itself.
struct loop_beginning {
    std::uint64_t done; // iterations
    bool over;          // there is no rest: all is done, or the body said that it is to end
};

/// Runs a loop's beginning on the calling thread until it is clear that the rest is worth sharing, or nothing is left.
/// The watcher shares the rest if a body lasts. Few iterations are claimed one by one, so that each that has not begun
/// is for others then.
loop_beginning run_beginning(guest_scope& guest, std::uint64_t n, loop_plan const& plan, loop_body body,
                             loop_cost& cost, fp_mode mode) noexcept;

/// Returns how many iterations are done. A few need no look at the clock: each is a piece of its own.
std::uint64_t run_serially(std::uint64_t done, std::uint64_t n, loop_plan const& plan, loop_body body) noexcept;

/// What has no record, since too many loops lie within each other or only some of the workers may take part.
[[gnu::cold]] std::uint64_t run_late(guest_scope& guest, std::uint64_t done, std::uint64_t n, loop_plan const& plan,
                                     std::uint32_t helpers, loop_body body, fp_mode mode) noexcept;

/// Returns how many iterations the calling thread has run; with a grain, up to whole grains.
std::uint64_t take_part(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost);

void run_loop_untyped(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost);

/// Calls `chunk(first, last)` for disjoint pieces of [0, n), on the pool and on the calling thread, and returns when
/// all have returned. `chunk` is shared by the threads; it returns false to stop: then pieces not yet begun are
/// skipped. Throws only std::logic_error, in a child of fork().
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
