// SPDX-License-Identifier: MIT
// The slow sides of a join: visit() counts and publishes the oldest private tasks now and then, settle() takes a
// published task back or waits for its thief. Called by fork_join/join.hpp on the thread that holds the context.
//
// Publication is eager but rationed (a token bucket): coarse tasks are visible at once, and of tiny ones only a few in
// a microsecond. This joins work stealing with the heartbeat of Acar et al. (PLDI 2018): oldest first, bounded
// overhead.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/wake.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::uint32_t pushes_between_visits = 512;
inline constexpr std::uint32_t most_pushes_a_poll = 32;

/// One token comes in this time.
ticks token_interval() noexcept;

/// Notes what of the stack is private.
inline void set_split(worker const& me) noexcept {
    split_here.store(reinterpret_cast<std::uintptr_t>(me.split), std::memory_order_relaxed);
}

/// New publications come with the time that has passed.
void refill(worker& me, ticks now) noexcept;

/// The holder counts pushes until it looks again.
void look_later(worker& me) noexcept;

/// Tokens and times stop an operation without telling workers: the holder counts as many pushes as lately took a
/// quarter of a millisecond. While one takes as long, it looks at each pop as well.
[[gnu::cold]] void poll_later(worker& me, ticks now) noexcept;

/// Publishes the oldest private tasks: one for each thread that has nothing to do, and in advance for threads that will
/// have nothing to do while the owner is busy and hears no request. Decides when the owner looks again. Returns whether
/// the owner ends what it runs, since something around the join that begins at the slot `join` was stopped.
[[gnu::cold]] bool serve(worker& me, task_slot const* join) noexcept;

/// What became of a task that was public.
enum class settled { mine, finished, failed };

/// Takes a slot back that is not private. `mine`: it was not begun. Otherwise it was run elsewhere, and its
/// result or exception lies in the slot. Blocks while a thief runs it; helps with what that thief has published of it.
[[gnu::cold]] settled take_back(task_slot* slot, bool tells_thief = false) noexcept;

/// Called at a pop of a slot that is not private, or when a thief has asked: then what lies below it is published
/// before the slot's own task begins. The caller runs what is `mine`. `join` as in `serve`. **Throws** when it is, and
/// an operation around the join was stopped.
[[gnu::cold]] settled settle(task_slot* slot, task_slot const* join);

/// Called at a pop of a slot when its join has failed: a thief that has the task is told.
[[gnu::cold]] settled abandon(task_slot* slot) noexcept;

/// When the stack is full, the push is undone: the slot beyond its end is never published, and deeper joins may all use
/// it. **Throws** when an operation around the join was stopped. The slot may be public by then, so that the join takes
/// it back.
[[gnu::cold]] task_slot* attend(worker& me, task_slot* slot, task_slot const* join);

/// Called after `slot` was pushed because the owner's attention was wanted. Returns the top of the stack. Mostly it
/// only counts. `siblings`: how many slots of the same join lie below.
template<std::uint32_t siblings>
HOCKET_NOINLINE inline task_slot* visit(task_slot* slot) {
    worker& me = *this_context;
    if (request_here.attention.load(std::memory_order_relaxed) == steal_request::later && me.fuel > 1 &&
        reinterpret_cast<std::uintptr_t>(slot) < me.end_of_stack()) {
        --me.fuel;
        return slot + 1;
    }
    return attend(me, slot, slot - siblings);
}

/// Whether the slot that is popped is public, or a thief has asked.
HOCKET_ALWAYS_INLINE bool must_settle(task_slot const* slot) noexcept {
    return reinterpret_cast<std::uintptr_t>(slot) < split_here.load(std::memory_order_relaxed);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/fork_join/visit.ipp>
#endif
