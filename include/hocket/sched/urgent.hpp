// SPDX-License-Identifier: MIT
// Urgent work beside long work: tasks of high priority, due timers and tasks for one worker begin while loops, groups,
// joins and graphs run on all workers. Senders tell every context that may be busy; its holder asks one flag between two
// pieces of its work. A thread that has frames of the program on its stack may hold locks, so it does not run the urgent work
// itself: it leaves its core and its place to another thread of the pool, and sleeps meanwhile. The protocol is in README.md.
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

/// How many pieces a thread runs at least beside what is overdue before it leaves its core to that.
inline constexpr std::uint32_t pieces_beside_overdue = 128;

/// After an item of high priority was pushed and announced.
[[gnu::cold]] void urge_all(scheduler& pool) noexcept;

/// After mail for `target` was pushed and announced: tells the thread that runs in that place.
[[gnu::cold]] void urge_holder(worker& target) noexcept;

/// What a thread does when it was urged.
class urgent_look {
  public:
    /// Whether urgent work waits that this thread may have to make room for. When it says no, the next look is cheap until a thread
    /// sends urgent work.
    [[gnu::cold]] static bool finds_some(worker& me) noexcept;

    /// Takes the oldest item of high priority.
    static bool take_high(scheduler& pool, work_item*& item) noexcept;

    /// Leaves the core to urgent work, if there is some, until an item of it has ended or has taken long. For what is only overdue
    /// not before so many pieces.
    [[gnu::cold]] static void give_way(worker& me, std::uint32_t pieces) noexcept;

  private:
    static void leave_core(worker& me, worker& place) noexcept;
};

/// Between two pieces of work of a thread that has frames of the program below it: chunks of a loop, items of a group, nodes of a
/// graph. `pieces`: about how many there were since the last look. **Cost** one load while nothing is urgent.
HOCKET_ALWAYS_INLINE void look_at_urgent(worker& me, std::uint32_t pieces = 1) noexcept {
    if (me.urged.load(std::memory_order_relaxed)) [[unlikely]]
        urgent_look::give_way(me, pieces);
}

/// Looks at urgent work if the calling thread holds a context.
HOCKET_ALWAYS_INLINE void look_at_urgent_here() noexcept {
    if (this_context != nullptr) look_at_urgent(*this_context);
}

/// Between two pieces of work of a thread that came from the search and has nothing of the program below it: whether it goes back
/// there now, since something urgent waits.
HOCKET_ALWAYS_INLINE bool is_called_away(worker& me) noexcept {
    return me.urged.load(std::memory_order_relaxed) && urgent_look::finds_some(me);
}

/// Whether what runs piece after piece, of which `count` are done, goes back to a queue now, so that what waits there has its turn.
HOCKET_ALWAYS_INLINE bool leaves_turn(unsigned count) noexcept {
    constexpr unsigned most = 64;
    return count % most == 0 || (this_context != nullptr && is_called_away(*this_context));
}

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/urgent.ipp>
#endif
