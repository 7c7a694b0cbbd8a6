// SPDX-License-Identifier: MIT
// Functions that hand work to a pool: into the local deque of the worker slot that the caller owns, else into the
// pool's injector. Called by all code that makes tasks.
#pragma once

#include <hocket/queue/work_item.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The worker slot of this pool that the calling thread owns, or null.
worker* slot_in(scheduler const& pool) noexcept;

/// Pushes `item` to an injector of the pool, where no local deque takes it.
void spawn_to_injector(scheduler& pool, worker* me, work_item& item, priority level) noexcept;

/// Does the work of `spawn` for a thread that owns the worker slot `me` of this pool, or none.
void spawn_from(scheduler& pool, worker* me, work_item& item, priority level = priority::normal) noexcept;

/// Hands `item` to the pool. **Threads** any. **Blocks** never. The item is visible to all threads at return, and a
/// thread was woken if none was searching. A thread of the pool pushes to its local deque: it runs its newest item
/// first, other threads take the oldest. Items of high and low priority always go through an injector of the pool.
inline void spawn(scheduler& pool, work_item& item, priority level = priority::normal) noexcept {
    spawn_from(pool, slot_in(pool), item, level);
}

/// Hands a list of items to the pool, linked by `next` from `first` to `last`. They begin in about that order.
void spawn_list(scheduler& pool, work_item& first, work_item& last) noexcept;

/// Hands `item` to the worker with this rank: only its thread runs the item, as soon as it searches for work.
void spawn_on(scheduler& pool, std::uint32_t rank, work_item& item) noexcept;

/// Runs one item that a wait has taken out.
void run_for_wait(worker& me, work_item& item) noexcept;

/// Takes one item of `scope` out, for a thread that waits for all of `scope`. Looks in its own local deque, in the
/// injectors, and at the old end of the local deques of other threads. Null when none is found in reach.
work_item* take_one_of(worker& me, void const* scope) noexcept;

/// Takes one item of `scope` out as `take_one_of` does, and runs it. False when none was found.
bool run_one_of(worker& me, void const* scope) noexcept;

/// Runs the items of `scope` at the top of the own local deque one after another, else one item from elsewhere. For a
/// thread that waits for all of `scope`, so that each of its items is needed. False when none was found.
bool run_all_of(worker& me, void const* scope) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/spawn.ipp>
#endif
