// SPDX-License-Identifier: MIT
// The life of a pool's thread: sleep until woken, search, run what was found, search again, and after a short linger
// park. Victims are chosen by load: the task that lies nearest to the root of its job is the largest, and a step of
// distance counts like a step of depth (scheduler.md has the simulations; Gast and Gaujal 2010 for the principle).
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

    /// Until the pool ends.
    void run() noexcept;

    /// A thread of another copy of hocket, see hosted.hpp: until there is nothing to do, or that copy has work for it.
    void run_turn() noexcept;
    bool end_turn() noexcept;

    /// The destructor, after the threads have ended: what came too late for them, such as mail from the last task.
    void run_rest() noexcept;

    /// Gets a thread of this pool to be awake for a moment. False if none sleeps.
    static bool stir(scheduler& pool) noexcept;

  private:
    void sleep_parked() noexcept;
    /// Where the timers have no thread of their own.
    [[gnu::cold]] void sleep_beside_timers() noexcept;

    struct finding {
        loop_record* loop = nullptr;
        worker* victim = nullptr;
        std::uint32_t slot = 0;
        std::uint32_t depth = 0;
        bool lane = false;
        bool mail = false;
        bool kept = false;
    };

    bool is_spare() const noexcept { return me_.bit >= idle_set::workers; }
    idle_set& idle() noexcept { return sched_.idle_[me_.domain]; }

    /// Counts as searching when it begins. False when the pool ends.
    bool search_until_idle() noexcept;

    /// Whether it is time to park.
    bool is_idle_since(ticks then) const noexcept;

    /// Whether a spare runs on a core whose worker came back.
    bool is_recalled() const noexcept { return sched_.recalled_.load(std::memory_order_relaxed) != 0; }

    /// True when the thread is to sleep now; false when there is something to do after all and it searches on.
    bool park(bool for_guest = false) noexcept;
    bool try_to_park(bool for_guest) noexcept;

    /// A spare is free from then on: the thread that takes its context hands it a token, which may be there before it
    /// sleeps. It looks for work as one who publishes does.
    bool park_spare(bool give_core_back) noexcept;

    /// Whether a thread keeps work, and no other thread is awake that would notice if it does so for long.
    bool has_to_watch() noexcept { return sched_.keeps_open() && idle().look().searching() == 0; }

    bool stopping() const noexcept { return sched_.stopping_.load(std::memory_order_relaxed); }

    bool run_something() noexcept;

    /// What the thread has at hand, until there is no more. Other items have turns in between.
    bool run_queued() noexcept;

    void run_items(work_item* item) noexcept;

    // In the place of a thread that sleeps until what is urgent has been run: see sched/urgent.hpp.

    bool is_on_errand() const noexcept {
        return me_.stands_in() && me_.stands_for->errand.load(std::memory_order_relaxed) != 0;
    }
    /// A spare without a place: in one that was left to urgent work. That comes before a recall, which may be for
    /// another spare.
    [[gnu::cold]] bool takes_errand() noexcept;
    bool run_urgent() noexcept; // in errand.hpp, as the next one
    /// Gives the place and the core straight back to the thread that left them; this thread then has neither. False
    /// when the other thread has taken them back.
    bool hand_back() noexcept;

    bool run_oldest() noexcept;
    bool run_low() noexcept;
    /// See overdue.hpp.
    [[gnu::cold]] bool run_overdue() noexcept;
    [[gnu::cold]] bool run_share_of(worker& holder) noexcept;
    bool steal_items(worker& victim) noexcept;
    bool run_taken(work_item** items, std::uint32_t count) noexcept;

    /// In the place of that worker, whose holder sleeps in a wait: under its rank and on its core.
    [[gnu::cold]] bool run_mail_of(worker& absent) noexcept;

    // Standing in for a worker that sleeps in a wait.

    /// A spare: in the place that it has, or in any that is free now. False when there is none: then it is likely to be
    /// recalled soon. But not for long, since somebody counts on it.
    bool keep_place() noexcept;
    bool take_place(worker& absent) noexcept;
    void leave_place() noexcept;
    [[gnu::cold]] void pin_to_place(std::uint32_t before) const noexcept;

    bool steal(finding const& from) noexcept;

    bool help_loop(loop_record& loop) noexcept;

    /// This thread ceases to search. If it was the last one and there is more, another thread must look. A thread that
    /// was woken wakes two more, so that wake-ups are a tree.
    void found_work() noexcept;

    /// The most promising place to take work from; with `items_first`, items go before loops. Asks hungry those that
    /// have tasks but show none.
    finding look_around(bool items_first) noexcept;

    worker& me_;
    scheduler& sched_;
    ticks begun_ = 0; // of a turn
    turns turns_{me_};
    ticks placeless_since_ = 0;        // a spare that looks for a place
    bool woken_ = false;               // and has found nothing since
    std::uint32_t short_jobs_ = 0;     // from outside, when this thread last parked or looked
    loop_record* last_loop_ = nullptr; // programs call loops again and again: its stripe is looked at first
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/search/search.ipp>
#endif
