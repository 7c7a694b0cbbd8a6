// SPDX-License-Identifier: MIT
// The bodies of the functions that future_task.hpp declares.
#pragma once

#include <hocket/future/future_task.hpp>
#include <hocket/future/wait_graph.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE task_node::task_node(future_state_base& its_state) : in(its_state.sched->id()), state(&its_state) {
    if (fp_mode const mode = fp_mode::now(); !mode.is_default()) [[unlikely]]
        keep_mode(its_state, mode);
}

HOCKET_INLINE void run_begun(future_state_base* state, bool owns_first) noexcept {
    for (unsigned links = 1;; ++links) {
        continuation* const newest = state->type->execute(state);
        future_state_base* next = nullptr;
        if (newest != nullptr) {
            if (newest->next == nullptr && newest->kind == &antecedent_kind &&
                node_of(newest).state->scope == state->scope && !leaves_turn(links) &&
                then_node_of(newest).leaves_list())
                next = node_of(newest).state;
            else
                call_ready(newest);
        }
        if (next == nullptr) {
            if (owns_first) state->release();
            return;
        }
        if (owns_first) state->word.release_one_of_two(); // the task that `next` runs holds the other one
        if (awaited_line == next->scope && stop_scope::finds_stopped_here()) [[unlikely]]
            next->word.give_up(); // this thread waits for the end of the line, which was stopped
        trace_scope::next();
        fp_mode{}.set(); // the mode that the task has left behind ends with it
        state = next;
        owns_first = true;
    }
}

HOCKET_INLINE void run_queued_task(work_item* item) noexcept {
    future_state_base* const state = node_of(item).state;
    if (state->try_begin()) return run_begun(state, true);
    trace_scope::forget();
    state->release();
}

HOCKET_INLINE void prepare_to_spawn(scheduler const& pool) {
    pool.require_this_process();
    if (pending_entry != nullptr) [[unlikely]]
        (void)enclosing_scheduler();
}

HOCKET_INLINE void offer_task(task_node& node, priority level) noexcept {
    work_item& item = queue_item(node);
    node.state->word.offer();
    detail::spawn(*node.state->sched, item, level);
}

HOCKET_COLD HOCKET_INLINE void refuse_task(future_state_base& task) noexcept {
    call_ready(task.type->refuse(&task, error_without_memory<pool_ended>()));
    task.release();
}

HOCKET_COLD HOCKET_INLINE void cancel_unbegun(future_state_base& task) noexcept {
    if (task.type->refuse == nullptr || !task.try_begin()) return;
    call_ready(task.type->refuse(&task, error_without_memory<operation_cancelled>()));
}

/// The states that the innermost `give_up` of this thread gives up next, with a reference to each; null outside.
inline constinit thread_local pointer_stack<future_state_base>* given_up_next = nullptr;

HOCKET_COLD HOCKET_INLINE void give_up_one(future_state_base& state) noexcept {
    if (state.complete()) return;
    cancel_unbegun(state);
    if (state.complete()) return;
    if (state.type->is_promised) return call_ready_early(state.word.end());
    state.word.give_up();
    if (state.type->give_up != nullptr) state.type->give_up(state);
    cancel_unbegun(state); // it may have come into a queue meanwhile
}

HOCKET_COLD HOCKET_INLINE void give_up(future_state_base& state) noexcept {
    pointer_stack<future_state_base> next;
    pointer_stack<future_state_base>* const outer = std::exchange(given_up_next, &next);
    give_up_one(state);
    while (future_state_base const* const one = next.pop()) {
        auto& needed = const_cast<future_state_base&>(*one);
        if (!needed.word.lent()) give_up_one(needed);
        needed.release();
    }
    given_up_next = outer;
}

HOCKET_COLD HOCKET_INLINE void give_up_next(future_state_base& state) noexcept {
    if (given_up_next != nullptr && given_up_next->push(&state)) return;
    if (!state.word.lent()) {
        give_up(state);
        tell_of_stop();
    }
    state.release();
}

HOCKET_INLINE bool run_own_mailbox(worker& me, void const* scope) noexcept {
    constexpr std::uint32_t reach = 64;
    if (me.mailbox.empty() || me.sched->worker_slot(me.rank) != &me) return false;
    work_item* const item = me.mailbox.take_of(scope, reach);
    if (item != nullptr) run_for_wait(me, *item);
    return item != nullptr;
}

HOCKET_COLD HOCKET_INLINE void sweep_deque(worker& me) noexcept {
    constexpr std::uint32_t all = 1024;
    work_item* left = nullptr;
    while (work_item* const item = me.deque.pop(all)) {
        if (was_begun(item)) {
            node_of(item).state->release();
            continue;
        }
        item->next = left;
        left = item;
    }
    while (work_item* const oldest = left) {
        left = oldest->next;
        if (!me.deque.push(*oldest)) me.sched->tasks(priority::normal).push(*oldest);
    }
    me.sched->announce_update(me.domain);
}

HOCKET_INLINE void note_task_left_in_deque(worker& me) noexcept {
    constexpr std::uint32_t many = 64;
    static constinit thread_local std::uint32_t count = 0;
    if (++count % many == 0) sweep_deque(me);
}

HOCKET_NOINLINE HOCKET_INLINE bool help_task(future_state_base& state, worker& me) noexcept {
    if (me.deque.kept() != 0 || !me.deque.empty()) { // mostly it is the newest
        work_item* const newest = me.pop_deque();
        if (newest != nullptr && newest->scope == state.scope) {
            run_for_wait(me, *newest);
            return true;
        }
        if (newest != nullptr) {
            me.deque.push(*newest);               // its entry is free
            me.sched->announce_update(me.domain); // a worker may have parked while it was hidden
        }
    }
    if (state.try_begin()) {
        note_task_left_in_deque(me);
        job_scope const job(me, me.base_depth + 1);
        me.counts.tasks.add();
        trace_scope const traced("task", "task");
        fp_scope const mode(fp_mode{});
        run_begun(&state, false);
        return true;
    }
    return run_one_of(me, state.scope) || run_own_mailbox(me, state.scope);
}

} // namespace
