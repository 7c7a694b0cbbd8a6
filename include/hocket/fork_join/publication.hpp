// SPDX-License-Identifier: MIT
// The slow paths of a join. slow_push() counts, and now and then publishes the oldest private tasks. sync() syncs: it
// takes a published task back or waits for its thief. Called by fork_join/join.hpp on the thread that uses the worker
// slot.
//
// Publication is eager but rationed (a token bucket). Long tasks are visible at once, and of tiny tasks only a few in a
// microsecond. This joins work stealing with the heartbeat of Acar et al. (PLDI 2018): oldest first, bounded overhead.
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

inline constexpr std::uint32_t pushes_between_looks = 512;
inline constexpr std::uint32_t most_pushes_a_poll = 32;

/// Returns the time in which one token comes.
ticks token_interval() noexcept;

/// Notes the split point: which part of the stack is private.
inline void set_split(worker const& me) noexcept {
    split_here.store(reinterpret_cast<std::uintptr_t>(me.split.load(std::memory_order_relaxed)),
                     std::memory_order_relaxed);
}

/// Notes the top of the stack after a push. Then the owner looks at `attention`.
HOCKET_ALWAYS_INLINE void push_to(task_slot* top) noexcept {
    task_top.store(top, std::memory_order_release); // join.push ->
    std_atomics::compiler_fence();
}
/// Notes the top of the stack before a pop. Then the owner looks at `split_here`: it sees that a thief has stopped it,
/// or the thief sees that the task is gone.
HOCKET_ALWAYS_INLINE void pop_to(task_slot* top) noexcept {
    task_top.store(top, std::memory_order_relaxed);
    std_atomics::compiler_fence();
}

/// Adds the new publications that come with the time that has passed.
void refill(worker& me, ticks now) noexcept;

/// Makes the owner count pushes until it looks again.
void look_later(worker& me) noexcept;

/// Makes the owner look again after as many pushes as lately took a quarter of a millisecond. A stop token or a timeout
/// stops an operation without a message to the workers. While one push takes as long, the owner looks at each pop as
/// well.
[[gnu::cold]] void poll_later(worker& me, ticks now) noexcept;

/// Publishes the oldest private tasks: one for each idle thread, and more in advance for threads that will be idle
/// while the owner is busy and sees no request. Decides when the owner looks again. Returns whether the owner finishes
/// early what it runs, since an operation around the join that begins at the slot `join` was stopped.
[[gnu::cold]] bool serve(worker& me, task_slot const* join) noexcept;

/// The fate of a task that was public.
enum class sync_result { mine, finished, failed };

/// Takes a slot back that is not private. `mine`: the task was not begun. Otherwise another thread ran it, and its
/// result or exception is in the slot. Blocks while a thief runs it; helps with what that thief has published of it.
[[gnu::cold]] sync_result take_back(task_slot* slot, bool tells_thief = false) noexcept;

/// Syncs at a pop: of a slot that is not private, or after a steal request, which publishes the tasks below before the
/// slot's own task begins. The caller runs a task that is `mine`. `join` as in `serve`. **Throws** when it is `mine`,
/// and an operation around the join was stopped.
[[gnu::cold]] sync_result sync(task_slot* slot, task_slot const* join);

/// Takes a slot back at a pop when its join has failed. A thief that has the task is told.
[[gnu::cold]] sync_result abandon(task_slot* slot) noexcept;

/// Serves requests after a push. When the stack is full, undoes the push: the slot beyond its end is never published,
/// and deeper joins may all use it. **Throws** when an operation around the join was stopped. The slot may be public by
/// then, so that the join takes it back.
[[gnu::cold]] task_slot* attend(worker& me, task_slot* slot, task_slot const* join);

/// Looks at what `attention` asks for, after `slot` was pushed. Returns the top of the stack. Mostly it only counts.
/// `siblings` is the number of slots of the same join below.
template<std::uint32_t siblings>
HOCKET_NOINLINE inline task_slot* slow_push(task_slot* slot) {
    worker& me = *this_slot;
    if (request_here.attention.load(std::memory_order_relaxed) == steal_request::later && me.fuel > 1 &&
        reinterpret_cast<std::uintptr_t>(slot) < me.end_of_stack()) {
        --me.fuel;
        return slot + 1;
    }
    return attend(me, slot, slot - siblings);
}

/// Whether the slot that is popped is public, or a thief has sent a request.
HOCKET_ALWAYS_INLINE bool must_sync(task_slot const* slot) noexcept {
    return reinterpret_cast<std::uintptr_t>(slot) < split_here.load(std::memory_order_relaxed);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/fork_join/publication.ipp>
#endif
