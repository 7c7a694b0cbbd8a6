// SPDX-License-Identifier: MIT
// A task whose result is a future, floor 5: how it is queued, begun once, run, and followed by its continuations. Callers:
// submit, then, and what waits.
#pragma once

#include <hocket/sched/guest.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/task/future_state.hpp>
#include <hocket/task/wait_cycle.hpp>

#include <atomic>
#include <cstdint>
#include <new>

namespace hocket::detail {

/// The part of a task's state that lies in queues: first in the list of the state that it waits for, then in the pool's.
/// The reference that the queue holds is the task's own: whoever takes it out of there gives it back.
struct task_node {
    explicit task_node(future_state_base& its_state) noexcept : in(its_state.sched->id()), state(&its_state) {}

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

inline continuation* link_of(task_node& node) noexcept { return &node.in.waiting.link; }
inline task_node const& node_of(continuation const* link) noexcept { return *reinterpret_cast<task_node const*>(link); }
inline task_node& node_of(continuation* link) noexcept { return *reinterpret_cast<task_node*>(link); }
inline task_node& node_of(work_item* item) noexcept { return *reinterpret_cast<task_node*>(item); }

void antecedent_ready(continuation* link) noexcept;

/// The link of a task that waits for one state alone.
inline constexpr continuation_kind antecedent_kind = {
    &antecedent_ready, [](continuation const& link) noexcept { return node_of(&link).state; }};

/// Runs a task that the caller has begun, and then the task that continues it, and so on, as long as these lie in the same
/// scope: whoever may run the first of them may run all. Others are handed to the pool. Gives back the tasks' own
/// references, but that of the first one only if `owns_first`.
inline void run_begun(future_state_base* state, bool owns_first) noexcept {
    for (;;) {
        continuation* const newest = state->type->execute(state);
        future_state_base* next = nullptr;
        if (newest != nullptr) {
            if (newest->next == nullptr && newest->kind == &antecedent_kind &&
                node_of(newest).state->scope == state->scope)
                next = node_of(newest).state;
            else
                call_ready(newest);
        }
        if (next == nullptr) {
            if (owns_first) state->release();
            return;
        }
        if (owns_first) state->word.release_one_of_two(); // what `next` runs holds the other one
        trace_scope::next();
        state = next;
        owns_first = true;
    }
}

/// A queue's item: the task may have been begun by somebody who waits for it.
inline void run_queued_task(work_item* item) noexcept {
    future_state_base* const state = node_of(item).state;
    if (state->try_begin()) return run_begun(state, true);
    trace_scope::forget();
    state->release();
}

/// Makes the item with which the task lies in a queue of the pool.
inline work_item& queue_item(task_node& node) noexcept {
    return *::new (static_cast<void*>(&node.in.item)) work_item{&run_queued_task, nullptr, node.state->scope};
}

/// Before a task is made for `pool`: a guest that has put off taking a context takes it, so that the task comes into its lane.
/// **Throws** std::logic_error in a child of fork().
inline void prepare_to_spawn(scheduler const& pool) {
    pool.require_this_process();
    if (pending_guest != nullptr) [[unlikely]]
        (void)enclosing_scheduler();
}

/// What a task needs is there: hands it to the pool, which lives.
inline void offer_task(task_node& node, urgency level = urgency::normal) noexcept {
    work_item& item = queue_item(node);
    node.state->word.offer();
    spawn(*node.state->sched, item, level);
}

/// The pool that the task was made for has ended: it will not run.
HOCKET_COLD inline void refuse_task(future_state_base& task) noexcept {
    call_ready(task.type->refuse(&task));
    task.release();
}

/// What a task needs is there, at any time and on any thread: `hand()` hands it to the pool, if that has not ended.
template<class Hand>
void hand_to_its_pool(task_node& node, Hand const& hand) noexcept {
    scheduler* const pool = node.state->sched;
    std::uint64_t const id = node.in.waiting.pool;
    if (this_context != nullptr && this_context->sched == pool && pool->id() == id) [[likely]]
        return hand();
    if (!pools_of_process.hold(pool, id)) return refuse_task(*node.state);
    hand();
    pools_of_process.let_go(*pool);
}

inline void antecedent_ready(continuation* link) noexcept {
    hand_to_its_pool(node_of(link), [link] { offer_task(node_of(link)); });
}

/// For a thread that waits, in the place of a worker, for tasks that only this worker may run.
inline bool run_own_mail(worker& me, void const* scope) noexcept {
    constexpr std::uint32_t reach = 64;
    if (me.mail.empty() || me.sched->context(me.rank) != &me) return false;
    work_item* const item = me.mail.take_of(scope, reach);
    if (item != nullptr) run_for_wait(me, *item);
    return item != nullptr;
}

/// Whether a task was begun by somebody who waited for it, while it lies in a queue.
inline bool was_begun(work_item* item) noexcept {
    return item->run == &run_queued_task && !node_of(item).state->word.offered();
}

/// Takes the tasks that were begun elsewhere out of the holder's lane.
HOCKET_COLD inline void sweep_lane(worker& me) noexcept {
    constexpr std::uint32_t all = 1024;
    work_item* left = nullptr;
    while (work_item* const item = me.lane.pop(all)) {
        if (was_begun(item)) {
            node_of(item).state->release();
            continue;
        }
        item->next = left;
        left = item;
    }
    while (work_item* const oldest = left) {
        left = oldest->next;
        if (!me.lane.push(*oldest)) me.sched->tasks(urgency::normal).push(*oldest);
    }
    me.sched->announce_update(me.domain);
}

/// A task that this thread has begun while it lay in a queue stays there until somebody takes it out. Who waits again and
/// again in a long task would fill its lane with these.
inline void note_task_left_in_lane(worker& me) noexcept {
    constexpr std::uint32_t many = 64;
    static constinit thread_local std::uint32_t count = 0;
    if (++count % many == 0) sweep_lane(me);
}

/// For a thread that waits for the task and holds a reference: claims and runs it, or something of its scope.
HOCKET_NOINLINE inline bool help_task(future_state_base& state, worker& me) noexcept {
    if (me.lane.kept() != 0 || !me.lane.empty()) { // mostly it is the newest
        work_item* const newest = me.pop_lane();
        if (newest != nullptr && newest->scope == state.scope) {
            run_for_wait(me, *newest);
            return true;
        }
        if (newest != nullptr) {
            me.lane.push(*newest);                // its place is free
            me.sched->announce_update(me.domain); // somebody may have parked while it was not to be seen
        }
    }
    if (state.try_begin()) {
        note_task_left_in_lane(me);
        job_scope const job(me, me.base_depth + 1);
        trace_scope const traced("task", "task");
        run_begun(&state, false);
        return true;
    }
    return run_one_of(me, state.scope) || run_own_mail(me, state.scope);
}

} // namespace hocket::detail
