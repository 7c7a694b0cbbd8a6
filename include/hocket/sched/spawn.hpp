// SPDX-License-Identifier: MIT
// Handing work to a pool: into the deque of the context that the caller holds, else into the pool's injector. Called by
// everything that makes tasks.
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

/// The context in this pool that the calling thread holds, or null.
worker* context_in(scheduler const& pool) noexcept;

/// The same where no deque takes it.
void spawn_to_injector(scheduler& pool, worker* me, work_item& item, urgency level) noexcept;

/// `spawn` by a thread that holds the context `me` in this pool, or none.
void spawn_from(scheduler& pool, worker* me, work_item& item, urgency level = urgency::normal) noexcept;

/// Hands `item` to the pool. From any thread; never blocks. It is visible to all threads at return, and somebody was woken if
/// nobody was looking for work. In its own pool a thread pushes to its deque: it runs its newest item first, others take the
/// oldest. Urgent and unimportant items always go through an injector of the pool.
inline void spawn(scheduler& pool, work_item& item, urgency level = urgency::normal) noexcept {
    spawn_from(pool, context_in(pool), item, level);
}

/// The same for a list linked by `next`, of which `last` is the end; begun in about that order.
void spawn_list(scheduler& pool, work_item& first, work_item& last) noexcept;

/// Only the thread of the worker with this rank runs `item`, as soon as it searches for work.
void spawn_on(scheduler& pool, std::uint32_t rank, work_item& item) noexcept;

/// Runs one item that a wait has taken out.
void run_for_wait(worker& me, work_item& item) noexcept;

/// For a thread that waits for everything of `scope`: takes one of its items out. Null when none is found in reach: in its own
/// deque, the injector, or at the old end of others' deques.
work_item* take_one_of(worker& me, void const* scope) noexcept;

/// The same, and runs it. False when none was found.
bool run_one_of(worker& me, void const* scope) noexcept;

/// The same for a thread that waits for all of `scope`, so that none of its items is one too many: runs those at the top of
/// its own deque one after another, else one from elsewhere.
bool run_all_of(worker& me, void const* scope) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/spawn.ipp>
#endif
