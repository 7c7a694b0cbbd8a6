// SPDX-License-Identifier: MIT
// A task whose result is a future: how it is queued, begun once, run, and followed by its continuations. Callers:
// submit, then, and what waits.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/task_mode.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/sched/guest.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/spawn.hpp>

#include <atomic>
#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// The part of a task's state that lies in queues: first in the list of the state that it waits for, then in the
/// pool's. The reference that the queue holds is the task's own: whoever takes it out of there gives it back.
struct task_node {
    /// The task will run in the floating-point mode of the calling thread. **Throws** std::bad_alloc if that is not the
    /// default.
    explicit task_node(future_state_base& its_state);

    struct waiting_link {
        continuation link;
        std::uint64_t pool; // its number: by the time that the task has all it needs, the pool may have ended
    };
    union place {
        explicit place(std::uint64_t pool) noexcept : waiting{{}, pool} {}
        waiting_link waiting;
        work_item item;
    } in;
    future_state_base* state;
};

/// Of a task that continues one future, in whose list it lies. The thread that has that future's result begins it,
/// unless it was given up before.
struct then_node : task_node {
    using task_node::task_node;

    /// By the thread that has the result. False: the task was given up, and only the reference for its place in the
    /// list is left. The fence is one half of an argument in README.md: either this thread sees that the result is
    /// unwanted, or the other one sees `left`.
    bool leaves_list() noexcept {
        left.store(true, std::memory_order_relaxed);
        std_atomics::light_fence();
        return !state->word.unwanted() || decided.win();
    }
    /// By a thread that has given the result up. True: it fails the task.
    [[gnu::cold]] bool ends_in_list() noexcept {
        return std_atomics::heavy_fence() && !left.load(std::memory_order_relaxed) && decided.win();
    }

    /// Writer: the thread that has the result.
    std::atomic<bool> left{false};
    race decided;
};

inline continuation* link_of(task_node& node) noexcept { return &node.in.waiting.link; }
inline task_node const& node_of(continuation const* link) noexcept { return *reinterpret_cast<task_node const*>(link); }
inline task_node& node_of(continuation* link) noexcept { return *reinterpret_cast<task_node*>(link); }
inline then_node& then_node_of(continuation* link) noexcept { return static_cast<then_node&>(node_of(link)); }
inline task_node& node_of(work_item* item) noexcept { return *reinterpret_cast<task_node*>(item); }

void antecedent_ready(continuation* link) noexcept;

/// The link of a task that waits for one state alone.
inline constexpr continuation_kind antecedent_kind = {
    &antecedent_ready, [](continuation const& link) noexcept { return node_of(&link).state; }};

/// Runs a task that the caller has begun, and then the task that continues it, and so on, as long as these lie in the
/// same scope: whoever may run the first of them may run all. Others are handed to the pool. Gives back the tasks' own
/// references, but that of the first one only if `owns_first`.
void run_begun(future_state_base* state, bool owns_first) noexcept;

/// A queue's item: the task may have been begun by somebody who waits for it.
void run_queued_task(work_item* item) noexcept;

/// Makes the item with which the task lies in a queue of the pool.
inline work_item& queue_item(task_node& node) noexcept {
    return *::new (static_cast<void*>(&node.in.item)) work_item{&run_queued_task, nullptr, node.state->scope};
}

/// Before a task is made for `pool`: a guest that has put off taking a context takes it, so that the task comes into
/// its lane. **Throws** std::logic_error in a child of fork().
void prepare_to_spawn(scheduler const& pool);

/// What a task needs is there: hands it to the pool, which lives.
void offer_task(task_node& node, urgency level = urgency::normal) noexcept;

/// Hands it to the pool before any other thread can give it up.
inline void offer_at_once(then_node& node) noexcept {
    node.left.store(true, std::memory_order_relaxed);
    offer_task(node);
}

/// The pool that the task was made for has ended: it will not run.
[[gnu::cold]] void refuse_task(future_state_base& task) noexcept;

/// A task that lies in a queue and that no thread has begun will not run. The caller holds a reference.
[[gnu::cold]] void cancel_unbegun(future_state_base& task) noexcept;

/// The result is not wanted any more. A task that has not begun will not run, one that runs sees that it was stopped,
/// once the caller has called `tell_of_stop`. The caller holds a reference.
[[gnu::cold]] void give_up(future_state_base& state) noexcept;
/// Gives up what a task that was given up needed alone: within a `give_up` after all else, so that the stack stays
/// flat. Takes over a reference.
[[gnu::cold]] void give_up_next(future_state_base& state) noexcept;

/// What a task needs is there, at any time and on any thread: `hand()` hands it to the pool, if that has not ended.
template<class Hand, class Refuse = void (*)(future_state_base&) noexcept>
void hand_to_its_pool(task_node& node, Hand const& hand, Refuse const& refuse = &refuse_task) noexcept {
    scheduler* const pool = node.state->sched;
    std::uint64_t const id = node.in.waiting.pool;
    if (this_context != nullptr && this_context->sched == pool && pool->id() == id) [[likely]]
        return hand();
    if (!pools_of_process.hold(pool, id)) return refuse(*node.state);
    hand();
    pools_of_process.let_go(*pool);
}

inline void antecedent_ready(continuation* link) noexcept {
    then_node& node = then_node_of(link);
    if (!node.leaves_list()) [[unlikely]]
        return node.state->release();
    hand_to_its_pool(node, [&node] { offer_task(node); });
}

/// For a thread that waits, in the place of a worker, for tasks that only this worker may run.
bool run_own_mail(worker& me, void const* scope) noexcept;

/// Whether a task was begun by somebody who waited for it, while it lies in a queue.
inline bool was_begun(work_item* item) noexcept {
    return item->run == &run_queued_task && !node_of(item).state->word.offered();
}

/// Takes the tasks that were begun elsewhere out of the holder's lane.
[[gnu::cold]] void sweep_lane(worker& me) noexcept;

/// A task that this thread has begun while it lay in a queue stays there until somebody takes it out. Who waits again
/// and again in a long task would fill its lane with these.
void note_task_left_in_lane(worker& me) noexcept;

/// For a thread that waits for the task and holds a reference: claims and runs it, or something of its scope.
bool help_task(future_state_base& state, worker& me) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/future_task.ipp>
#endif
