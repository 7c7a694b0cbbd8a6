// SPDX-License-Identifier: MIT
// Tasks whose result is a future: how a task is queued, begun once, run, and followed by its continuations. Callers:
// submit, then, and waits.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/task_mode.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/spawn.hpp>

#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// The part of a task's state that goes into queues: first into the list of the state that the task waits for, then
/// into a queue of the pool. The reference that the queue holds is the task's own: the thread that takes the node out
/// gives it back.
struct task_node {
    /// Makes the task run in the floating-point mode of the calling thread. **Throws** std::bad_alloc if that is not
    /// the default.
    explicit task_node(future_state_base& its_state);

    struct waiting_link {
        continuation link;
        std::uint64_t pool; // its number: when the task has all it needs, the pool may have ended
    };
    union place {
        explicit place(std::uint64_t pool) noexcept : waiting{{}, pool} {}
        waiting_link waiting;
        work_item item;
    } in;
    future_state_base* state;
};

/// The node of a task that continues one future, in whose list it is. The thread that has the result of that future
/// begins the task, unless it was given up before.
struct then_node : task_node {
    using task_node::task_node;

    /// Takes the node out, on the thread that has the result. Returns false if the task was given up: then only the
    /// reference for its place in the list is left. The fence is one half of an argument in README.md: either this
    /// thread sees that the result is unwanted, or the thread that gives it up sees `left`.
    bool leaves_list() noexcept {
        left.store(true, std::memory_order_relaxed);
        std_atomics::light_fence();
        return !state->word.unwanted() || decided.win();
    }
    /// Claims the task on a thread that has given up its result. Returns true if the calling thread fails the task.
    [[gnu::cold]] bool ends_in_list() noexcept {
        return std_atomics::heavy_fence() && !left.load(std::memory_order_relaxed) && decided.win();
    }

    /// Writer: the thread that has the result.
    atomic<bool> left{false};
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

/// Runs a task that the caller has begun, then the task that continues it, and so on, as long as these are in one
/// scope: a thread that may run the first of them may run all. Hands other continuations to the pool. Gives back the
/// tasks' own references, but that of the first task only if `owns_first`.
void run_begun(future_state_base* state, bool owns_first) noexcept;

/// Runs an item of a queue. A thread that waits for the task may have begun it already.
void run_queued_task(work_item* item) noexcept;

/// Makes the item with which the task goes into a queue of the pool.
inline work_item& queue_item(task_node& node) noexcept {
    return *::new (static_cast<void*>(&node.in.item)) work_item{&run_queued_task, nullptr, node.state->scope};
}

/// Prepares the thread to make a task for `pool`. An external thread that has put off taking a worker slot takes it, so
/// that the task comes into its local deque. **Throws** std::logic_error in a child of fork().
void prepare_to_spawn(scheduler const& pool);

/// Hands a task that has all it needs to its pool, which lives.
void offer_task(task_node& node, priority level = priority::normal) noexcept;

/// Hands the task to the pool before any other thread can give it up.
inline void offer_at_once(then_node& node) noexcept {
    node.left.store(true, std::memory_order_relaxed);
    offer_task(node);
}

/// Fails a task whose pool has ended.
[[gnu::cold]] void refuse_task(future_state_base& task) noexcept;

/// Fails a task that is in a queue and that no thread has begun. The caller holds a reference.
[[gnu::cold]] void cancel_unbegun(future_state_base& task) noexcept;

/// Gives up a result that is not wanted any more. A task that has not begun will not run. A task that runs sees that it
/// was stopped, once the caller has called `tell_of_stop`. The caller holds a reference.
[[gnu::cold]] void give_up(future_state_base& state) noexcept;
/// Gives up a state that only a given-up task needed: within a `give_up` after all else, so that the stack stays flat.
/// Takes over a reference.
[[gnu::cold]] void give_up_next(future_state_base& state) noexcept;

/// Calls `hand()` to hand a task that has all it needs to its pool, if that has not ended, otherwise `refuse`. At any
/// time and on any thread.
template<class Hand, class Refuse = void (*)(future_state_base&) noexcept>
void hand_to_its_pool(task_node& node, Hand const& hand, Refuse const& refuse = &refuse_task) noexcept {
    scheduler* const pool = node.state->sched;
    std::uint64_t const id = node.in.waiting.pool;
    if (this_slot != nullptr && this_slot->sched == pool && pool->id() == id) [[likely]]
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

/// Runs a task of `scope` that only this worker may run, while a thread waits in the place of the worker.
bool run_own_mailbox(worker& me, void const* scope) noexcept;

/// Whether a waiting thread has begun the task of an item that is still in a queue.
inline bool was_begun(work_item* item) noexcept {
    return item->run == &run_queued_task && !node_of(item).state->word.offered();
}

/// Takes the tasks that were begun elsewhere out of the local deque of the worker slot.
[[gnu::cold]] void sweep_deque(worker& me) noexcept;

/// Counts a task that this thread has begun while it was in a queue, and now and then sweeps the local deque. The item
/// of such a task stays there until a thread takes it out. A thread that waits again and again in a long task would
/// fill its deque with such items.
void note_task_left_in_deque(worker& me) noexcept;

/// Claims and runs the task for which the thread waits, or something of its scope. The caller holds a reference.
bool help_task(future_state_base& state, worker& me) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/future_task.ipp>
#endif
