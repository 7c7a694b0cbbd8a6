// SPDX-License-Identifier: MIT
// Which of the items that wait a thread of the pool runs next. Urgent ones and those of its own lane come first; now
// and then each of the other places where items wait has a turn, so that no chain of tasks keeps what waits beside it
// from beginning. Items from outside are begun in order: a thread takes several at once only while they are short, and
// what it has taken stays public, oldest first. README.md of this folder says what is bounded by what.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/overdue.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Items that take less are taken by twice as many as before; those that take four times as long one by one.
inline constexpr unsigned short_item_microseconds = 1;

/// What lies in the batch of a thread for longer than this goes before what lies in the injector.
inline constexpr unsigned overdue_microseconds = 50;

class turns {
  public:
    static constexpr std::uint32_t most_at_once = 32; // items taken from an injector or a lane

    explicit turns(worker& me) noexcept : me_(me), sched_(*me.sched) {}

    /// What the thread has at hand: what no other thread may run, what is urgent, what this context has spawned or
    /// taken. Or null.
    work_item* next() noexcept;

    /// Before the first of several items that the thread runs one after another.
    void begin() noexcept;

    /// After an item has run: the next one, or null when the thread is to search.
    work_item* next_after_one() noexcept;

    /// The oldest items from outside: those that another thread has taken and left for long, else from the injector.
    std::uint32_t take_oldest(work_item** out) noexcept;

    /// From another thread's batch, else the oldest of its lane.
    std::uint32_t take_from(worker& other, work_item** out) noexcept;

    /// The caller runs the first of them; the others stay public in its batch. They are announced afterwards.
    void keep(work_item** items, std::uint32_t count) noexcept;

  private:
    static constexpr std::uint32_t items_between_turns = 16;
    static constexpr std::uint32_t items_between_searches = 64;
    static constexpr std::uint32_t most_looked_at = 4; // contexts, where they are looked at one after another

    work_item* next_in_turn() noexcept;

    void take_from_others(work_item*& item) noexcept;

    std::uint32_t take_overdue(work_item** out) noexcept;

    /// All contexts in turn, also the thread's own.
    worker& next_other() noexcept { return *sched_.context(++other_ % sched_.contexts()); }

    /// What the items since the last time took decides how many are taken at once.
    void measure(ticks now) noexcept;

    worker& me_;
    scheduler& sched_;
    std::uint32_t share_ = 1;     // how many items are taken at once
    std::uint32_t ran_ = 0;       // items so far
    std::uint32_t counted_ = 0;   // of these, until `since_`
    std::uint32_t search_at_ = 0; // of these, when the thread searches again
    std::uint32_t turn_ = 0;
    std::uint32_t other_ = 0;
    ticks since_ = 0;
    work_item* items_[most_at_once] = {};
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/search/turns.ipp>
#endif
