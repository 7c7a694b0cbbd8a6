// SPDX-License-Identifier: MIT
// The life of a pool's thread: sleep until woken, search, run what it found, search again, and park after a short grace
// period. A thief chooses its victim by load: the task nearest to the root of its job is the largest. A step of
// distance counts like a step of depth. For the principle see Gast and Gaujal 2010.
#pragma once

#include <hocket/loop/loop.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/memory/slab_chunk.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>
#include <hocket/search/turns.hpp>

#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class search {
  public:
    explicit search(worker& me) noexcept : me_(me), sched_(*me.sched) {}

    /// Runs until the pool ends.
    void run() noexcept;

    /// Runs a turn, on a thread of another copy of hocket: until there is nothing to do, or that copy has work for the
    /// thread. See hosted.hpp.
    void run_turn() noexcept;
    bool end_turn() noexcept;

    /// Runs what came too late for the threads, such as mailbox items from the last task. For the destructor of the
    /// pool, after the threads have ended.
    void run_rest() noexcept;

    /// Makes a thread of this pool stay awake for a moment. Returns false if no thread sleeps.
    static bool stir(scheduler& pool) noexcept;

  private:
    void sleep_parked() noexcept;
    /// Sleeps where the timers have no thread of their own, and fires timers that are due.
    [[gnu::cold]] void sleep_beside_timers() noexcept;

    struct finding {
        loop_record* loop = nullptr;
        worker* victim = nullptr;
        std::uint32_t slot = 0;
        std::uint32_t depth = 0;
        bool deque = false;
        bool mailbox = false;
        bool kept = false;
    };

    bool is_compensation() const noexcept { return me_.bit >= idle_set::workers; }
    idle_set& idle() noexcept { return sched_.idle_[me_.domain]; }

    /// Searches and runs until the thread is to sleep. Counts as searching when it begins. Returns false when the pool
    /// ends.
    bool search_until_idle() noexcept;

    /// Whether the thread has been idle since `then` for long enough to park.
    bool is_idle_since(ticks then) noexcept;

    /// Whether a compensation thread runs on a core whose worker came back.
    bool core_is_wanted() const noexcept { return sched_.cores_wanted_.load(std::memory_order_relaxed) != 0; }

    /// Parks the thread. Returns true when it is to sleep now, and false when there is work after all and it searches
    /// on.
    bool park(bool for_external = false) noexcept;
    bool try_to_park(bool for_external) noexcept;

    /// Parks a compensation thread and frees its worker slot. The thread that takes the worker slot later hands it a
    /// token, which may come before it sleeps. It looks for work as a publisher does.
    bool park_compensation(bool give_core_back) noexcept;

    /// Whether a thread keeps work to itself, and no other thread is awake to notice if it does so for long.
    bool has_to_watch() noexcept { return sched_.keeps_open() && idle().look().searching() == 0; }

    /// Called by a thread that has ceased to search. Of several, the last one looks.
    bool finds_unpublished() noexcept { return idle().look().searching() == 0 && sched_.publish_for_busy(me_.domain); }

    bool stopping() const noexcept { return sched_.stopping_.load(std::memory_order_relaxed); }

    bool run_something() noexcept;

    /// Runs the items that the thread has at hand, until there are no more. Other items have turns in between.
    bool run_queued() noexcept;

    void run_items(work_item* item) noexcept;

    // Work in the place of a thread that sleeps until the urgent work has run: see sched/urgent.hpp.

    bool is_on_errand() const noexcept {
        return me_.stands_in() && me_.stands_for->errand.load(std::memory_order_relaxed) != 0;
    }
    /// Lets a compensation thread without a place take one that was left to urgent work. That comes before a core
    /// request, which may be for another compensation thread.
    [[gnu::cold]] bool takes_errand() noexcept;
    bool run_urgent() noexcept; // in errand.ipp, as hand_back
    /// Hands the place and the core straight back to the thread that left them; the calling thread then has neither.
    /// Returns false when the other thread has taken them back.
    bool hand_back() noexcept;

    bool run_oldest() noexcept;
    bool run_low() noexcept;
    /// Runs one overdue item or a part of an overdue loop. See sched/overdue.hpp.
    [[gnu::cold]] bool run_overdue() noexcept;
    [[gnu::cold]] bool run_share_of(worker& holder) noexcept;
    bool steal_items(worker& victim) noexcept;
    bool run_taken(work_item** items, std::uint32_t count) noexcept;

    /// Runs an item of the mailbox of a worker whose thread sleeps in a wait, under its rank and on its core.
    [[gnu::cold]] bool run_mailbox_of(worker& absent) noexcept;

    // Work in the place of a worker that sleeps in a wait.

    /// Lets a compensation thread keep its place, or take any that is free now. Returns false when there is none: then
    /// it is likely to be asked to park soon. After a grace period it returns true, since a wait counts on the thread.
    bool keep_place() noexcept;
    bool take_place(worker& absent) noexcept;
    void leave_place() noexcept;
    [[gnu::cold]] void pin_to_place(std::uint32_t before) const noexcept;

    bool steal(finding const& from) noexcept;

    bool help_loop(loop_record& loop) noexcept;

    /// Ends the search of this thread. If it was the last searcher and there is more work, another thread must look. A
    /// thread that was woken wakes two more, so that wake-ups form a tree.
    void found_work() noexcept;

    /// Returns the most promising place to take work from; with `items_first`, items go before loops. Sends a steal
    /// request to each worker that has published no task. In a large pool it looks at few worker slots more once it has
    /// found a task to steal, and the next call goes on behind them.
    finding look_around(bool items_first) noexcept;

    static constexpr std::uint32_t large_pool = 32;          // a pool with more worker slots is large
    static constexpr std::uint32_t most_looked_at_after = 8; // worker slots, after the first task to steal

    worker& me_;
    scheduler& sched_;
    ticks begun_ = 0;      // of a turn
    ticks idle_since_ = 0; // when it last had work
    ticks looked_ = 0;     // in a warm pool: when it was last without work
    turns turns_{me_};
    ticks placeless_since_ = 0;        // since when a compensation thread looks for a place
    bool woken_ = false;               // and has found nothing since
    std::uint32_t looked_at_ = me_.id; // the last worker slot that was looked at
    std::uint32_t short_jobs_ = 0;     // jobs from outside, when this thread last parked or looked
    loop_record* last_loop_ = nullptr; // looked at first: programs call the same loops again and again
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/search/search.ipp>
#endif
