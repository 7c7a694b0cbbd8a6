// SPDX-License-Identifier: MIT
// Urgent work beside long work: tasks of high priority, due timers and tasks for one worker begin while loops, groups,
// joins and graphs run on all workers. Senders set a flag of every worker slot that may be busy; its owner checks the
// flag between two pieces of its work. A thread that has frames of the program on its stack may hold locks, so it does
// not run the urgent work itself. It leaves its core and its place to another thread of the pool, and sleeps meanwhile.
// The protocol is in README.md.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How many pieces a thread runs at least before it leaves its core to overdue work; and how many if they have taken
/// longer than `costs::overdue_patience`.
inline constexpr std::uint32_t pieces_beside_overdue = 128;
inline constexpr std::uint32_t long_pieces_beside_overdue = 8;

/// Tells all worker slots, after an item of high priority was pushed and announced.
[[gnu::cold]] void urge_all(scheduler& pool) noexcept;

/// Tells the thread that runs in the place of `target`, after an item was pushed into the mailbox and announced.
[[gnu::cold]] void urge_holder(worker& target) noexcept;

/// What a thread does when its flag `urged` is set.
class urgent_look {
  public:
    /// Whether urgent work waits for which this thread may have to make room. After false, the next look is cheap until
    /// a thread sends urgent work.
    [[gnu::cold]] static bool finds_some(worker& me) noexcept;

    /// Takes the oldest item of high priority. False when there is none.
    static bool take_high(scheduler& pool, work_item*& item) noexcept;

    /// Leaves the core to urgent work, if there is some, until an urgent item has finished or has taken long. `pieces`:
    /// how many pieces the thread has run since the last look, see `pieces_beside_overdue`.
    [[gnu::cold]] static void give_way(worker& me, std::uint32_t pieces) noexcept;

  private:
    static void leave_core(worker& me, worker& place) noexcept;
};

/// Looks at urgent work between two pieces of work of a thread that has frames of the program below it: chunks of a
/// loop, items of a group, nodes of a graph. `pieces`: about how many pieces there were since the last look. **Cost**
/// one load while nothing is urgent.
HOCKET_ALWAYS_INLINE void look_at_urgent(worker& me, std::uint32_t pieces = 1) noexcept {
    if (me.urged.load(std::memory_order_relaxed)) [[unlikely]]
        urgent_look::give_way(me, pieces);
}

/// Looks at urgent work if the calling thread owns a worker slot.
HOCKET_ALWAYS_INLINE void look_at_urgent_here() noexcept {
    if (this_slot != nullptr) look_at_urgent(*this_slot);
}

/// Whether a thread goes back to the search now, since something urgent waits. Called between two pieces of work of a
/// thread that came from the search and has no frames of the program below it.
HOCKET_ALWAYS_INLINE bool is_called_away(worker& me) noexcept {
    return me.urged.load(std::memory_order_relaxed) && urgent_look::finds_some(me);
}

/// Whether a task that runs piece after piece, of which `count` are done, goes back to a queue now, so that other items
/// there get their turn.
HOCKET_ALWAYS_INLINE bool leaves_turn(unsigned count) noexcept {
    constexpr unsigned most = 64;
    return count % most == 0 || (this_slot != nullptr && is_called_away(*this_slot));
}

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/urgent.ipp>
#endif
