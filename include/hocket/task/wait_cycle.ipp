// SPDX-License-Identifier: MIT
// The bodies of the functions that wait_cycle.hpp declares.
#pragma once

#include <hocket/sched/stop_scope.hpp>
#include <hocket/task/task_link.hpp>
#include <hocket/task/wait_cycle.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool sleeping_thread::look_around() noexcept {
    parts = 0;
    bool all_known = true;
    stop_scope::for_each([&](stop_link const& innermost) {
        stop_link const* link = &innermost;
        for (;;) {
            future_state_base* const state = task_of(*link);
            if (state != nullptr) note_part(*state);
            stop_place const* const place = link->around.load(std::memory_order_acquire); // <- stop_link.around
            if (place == nullptr) all_known &= state != nullptr;
            if (place == nullptr || place->link == nullptr) return;
            link = place->link;
        }
    });
    return all_known;
}

HOCKET_INLINE future_state_base* sleeping_thread::task_of(stop_link const& link) noexcept {
    if (link.stopped == &running_scope::is_unwanted) return &static_cast<running_scope const&>(link).state;
    if (link.stopped == &task_link::asked) return static_cast<task_link const&>(link).own_state;
    return nullptr;
}

HOCKET_INLINE void sleeping_thread::note_part(future_state_base& state) noexcept {
    for (running_scope const* mine = running; mine != nullptr; mine = mine->below)
        if (&mine->state == &state) return;
    for (std::uint32_t i = 0; i != parts; ++i)
        if (part_of[i] == &state) return;
    if (parts != most_parts) part_of[parts++] = &state;
}

HOCKET_INLINE bool wait_search::finds_circle() noexcept {
    threads_.push(&me_);
    for (;;) {
        if (sleeping_thread const* const thread = threads_.pop()) {
            tasks_.push(thread->running);
            for (std::uint32_t i = 0; i != thread->parts; ++i)
                if (is_awaited(*thread->part_of[i])) return true;
            continue;
        }
        if (running_scope const* const task = tasks_.pop()) {
            tasks_.push(task->below);
            if (is_awaited(task->state, true)) return true;
        } else if (continuation const* const one = links_.pop()) {
            links_.push(one->next);
            future_state_base* const state = one->kind->waiting(*one);
            if (state != nullptr && is_awaited(*state)) return true;
        } else {
            return false;
        }
    }
}

HOCKET_INLINE bool wait_search::is_awaited(future_state_base& state, bool runs) noexcept {
    if (&state == &me_.awaited || (runs && holds_up(state, me_.awaited))) return true;
    links_.push(state.word.newest());
    for (sleeping_thread const* other = others_; other != nullptr && ++steps_ < most_steps; other = other->next)
        if ((&other->awaited == &state || (runs && holds_up(state, other->awaited))) && other->runs_something())
            threads_.push(other);
    return false;
}

HOCKET_INLINE full_wait_search::full_wait_search(sleeping_thread const& me, sleeping_thread const* others) noexcept
    : me_(me), others_(others) {
    for (sleeping_thread const* other = others; other != nullptr; other = other->next)
        if (other->runs_something()) complete_ &= sleepers_.add(&other->awaited, other);
}

HOCKET_INLINE bool full_wait_search::finds_circle() noexcept {
    complete_ &= threads_.push(&me_);
    while (complete_) {
        if (sleeping_thread const* const thread = threads_.pop()) {
            complete_ &= tasks_.push(thread->running);
            for (std::uint32_t i = 0; i != thread->parts; ++i)
                if (is_awaited(*thread->part_of[i])) return true;
            continue;
        }
        if (running_scope const* const task = tasks_.pop()) {
            complete_ &= tasks_.push(task->below);
            if (is_awaited(task->state, true)) return true;
        } else if (continuation const* const one = links_.pop()) {
            complete_ &= links_.push(one->next);
            future_state_base* const state = one->kind->waiting(*one);
            if (state != nullptr && is_awaited(*state)) return true;
        } else {
            return false;
        }
    }
    return false;
}

HOCKET_INLINE bool full_wait_search::is_awaited(future_state_base& state, bool runs) noexcept {
    if (&state == &me_.awaited || (runs && holds_up(state, me_.awaited))) return true;
    if (seen_.any(&state, [](void const*) { return true; })) return false;
    complete_ &= seen_.add(&state, nullptr) && links_.push(state.word.newest());
    (void)sleepers_.any(&state, [this](sleeping_thread const* thread) {
        complete_ &= threads_.push(thread);
        return false;
    });
    if (!runs || state.type->order == computing_order::any) return false;
    for (sleeping_thread const* other = others_; other != nullptr; other = other->next)
        if (&other->awaited != &state && holds_up(state, other->awaited) && other->runs_something())
            complete_ &= threads_.push(other);
    return false;
}

HOCKET_INLINE bool sleeping_threads::enter(sleeping_thread& me) noexcept {
    os_lock const lock(mutex_);
    me.looked_at_all = me.look_around();
    if (me.runs_something()) {
        wait_search search(me, first_);
        if (search.finds_circle()) return false;
        me.looked_at_all &= search.looked_at_all();
    }
    me.next = first_;
    first_ = &me;
    return true;
}

HOCKET_INLINE bool sleeping_threads::stay(sleeping_thread& me) noexcept {
    os_lock const lock(mutex_);
    (void)me.look_around();
    if (!full_wait_search(me, first_).finds_circle()) return true;
    unlist(me);
    return false;
}

HOCKET_INLINE void sleeping_threads::leave(sleeping_thread& me) noexcept {
    os_lock const lock(mutex_);
    unlist(me);
}

HOCKET_INLINE void sleeping_threads::unlist(sleeping_thread& me) noexcept {
    for (sleeping_thread** place = &first_; *place != nullptr; place = &(*place)->next)
        if (*place == &me) {
            *place = me.next;
            return;
        }
}

} // namespace
