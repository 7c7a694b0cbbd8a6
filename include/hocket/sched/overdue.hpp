// SPDX-License-Identifier: MIT
// Overdue work. It waits in a queue from which no thread has taken anything for some milliseconds, while all threads of
// its pool run long operations, such as loops, groups and trees of joins. The watcher (call_watch.hpp) finds it and
// urges the threads, as a sender of urgent work does. So every kind of work begins beside every other. README.md has
// the rules.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Kinds of queues, as bits of `scheduler::overdue_`.
inline constexpr std::uint32_t overdue_normal = 1;
inline constexpr std::uint32_t overdue_low = 2;
inline constexpr std::uint32_t overdue_taken = 4;
inline constexpr std::uint32_t overdue_deque = 8;
/// Stripes of loops, and tasks of joins, of a thread that is inside one call for long, and does not come to them
/// itself.
inline constexpr std::uint32_t overdue_share = 16;

/// After how many looks of the watcher something is overdue. An item in a local deque is mostly what its owner waits
/// for, and the owner comes to it. A share is left to its caller for long: the caller may only have no core at the
/// moment.
inline constexpr std::uint32_t looks_at_injector = 3;
inline constexpr std::uint32_t looks_at_deque = 8;
inline constexpr std::uint32_t looks_at_share = 25;

/// Called by the watcher at each look: whether the queue is overdue. `stuck`: at least `count` items wait, and the
/// oldest was not taken since the last look. When the number of items falls, the owner comes to the last one.
bool is_overdue(overdue_look& queue, bool stuck, std::uint32_t count, std::uint32_t looks) noexcept;

/// Returns a number for what has not begun of the loops and joins of this worker slot. It changes when some of that
/// begins; 0 when there is nothing.
std::uint32_t open_shares(worker const& holder) noexcept;

inline bool scheduler::has_overdue_share() const noexcept {
    return (overdue_.load(std::memory_order_relaxed) & overdue_share) != 0;
}

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/overdue.ipp>
#endif
