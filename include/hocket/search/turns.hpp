// SPDX-License-Identifier: MIT
// The order in which a thread of the pool runs waiting items. Urgent items and items of its own local deque come first.
// Now and then each of the other queues has a turn, so that no chain of tasks keeps waiting items from beginning. Items
// from outside begin in order, but for about 50 us: a thread takes several of them at once only while they are short,
// and its batch stays public, oldest first. README.md of this folder gives the bounds.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/overdue.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class turns {
  public:
    static constexpr std::uint32_t most_at_once = 32; // items taken from an injector or a local deque

    explicit turns(worker& me) noexcept : me_(me), sched_(*me.sched) {}

    /// Returns an item that the thread has at hand, or null: one that no other thread may run, an urgent one, or one
    /// that this worker slot has spawned or taken.
    work_item* next() noexcept;

    /// Begins a series of items that the thread runs one after another.
    void begin() noexcept;

    /// Returns the next item after an item has run, or null when the thread is to search.
    work_item* next_after_one() noexcept;

    /// Takes the oldest items from outside: overdue items of another thread's batch, otherwise items from the injector.
    std::uint32_t take_oldest(work_item** out) noexcept;

    /// Takes items from the batch of another thread, otherwise the oldest of its local deque.
    std::uint32_t take_from(worker& other, work_item** out) noexcept;

    /// Leaves all items but the first, which the caller runs, public in the batch of the thread. The caller announces
    /// them afterwards.
    void keep(work_item** items, std::uint32_t count) noexcept;

  private:
    static constexpr std::uint32_t items_between_turns = 16;
    static constexpr std::uint32_t items_between_searches = 64;
    static constexpr std::uint32_t most_looked_at = 4; // worker slots, where they are looked at one after another

    work_item* next_in_turn() noexcept;

    void take_from_others(work_item*& item) noexcept;

    std::uint32_t take_overdue(work_item** out) noexcept;

    /// Returns the next worker slot; all have their turns, also the thread's own.
    worker& next_other() noexcept { return *sched_.worker_slot(++other_ % sched_.worker_slots()); }

    /// Decides by the duration of the items since the last call how many are taken at once: `share_` in any case, and
    /// up to `most_` of a long queue. Those take about 50 us: a batch that is older goes before the injector.
    void measure(ticks now) noexcept;

    worker& me_;
    scheduler& sched_;
    std::uint32_t share_ = 1;     // the number of items taken at once
    std::uint32_t most_ = 1;      // that number while many wait
    std::uint32_t ran_ = 0;       // the number of items run so far
    std::uint32_t counted_ = 0;   // the `ran_` at `since_`
    std::uint32_t search_at_ = 0; // the `ran_` at which the thread searches again
    std::uint32_t turn_ = 0;
    std::uint32_t other_ = 0;
    ticks since_ = 0;
    work_item* items_[most_at_once] = {};
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/search/turns.ipp>
#endif
