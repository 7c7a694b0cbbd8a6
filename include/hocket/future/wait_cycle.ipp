// SPDX-License-Identifier: MIT
// The bodies of the functions that wait_cycle.hpp declares.
#pragma once

#include <hocket/future/task_link.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/sched/stop_scope.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool sleeping_thread::look_around() noexcept {
    constexpr std::uint32_t most_scopes = 128;
    struct {
        stop_scope const* scope;
        bool beyond_run; // its thread may leave by an error before the calling thread goes on
    } scopes[most_scopes];
    std::uint32_t seen = 0;
    bool all_known = true;
    stop_walk walk;
    parts = 0;
    piece_count = 0;
    auto const go_through = [&](stop_scope const* innermost, bool beyond_run) {
        for (stop_scope const* scope = innermost; scope != nullptr; scope = scope->outer()) {
            for (std::uint32_t i = 0; i != seen; ++i)
                if (scopes[i].scope == scope) return;
            if (seen == most_scopes) {
                all_known = false;
                return;
            }
            scopes[seen++] = {scope, beyond_run};
        }
    };
    go_through(innermost_stop_scope, false);
    for (std::uint32_t i = 0; i != seen; ++i) {
        stop_link const* const link = scopes[i].scope->link();
        if (link == nullptr) continue;
        if (link->stopped == &units_link::never && !scopes[i].beyond_run) note_piece(*link);
        future_state_base* const state = task_of(*link);
        if (state != nullptr) note_part(*state);
        stop_place const* const place = walk.around(*link);
        if (place == nullptr)
            all_known &= state != nullptr;
        else
            go_through(place->scope, scopes[i].beyond_run || link->is_run);
    }
    return all_known;
}

HOCKET_INLINE future_state_base* sleeping_thread::task_of(stop_link const& link) noexcept {
    if (link.stopped == &running_scope::is_unwanted) return &static_cast<running_scope const&>(link).state;
    if (link.stopped == &task_link::asked) return static_cast<task_link const&>(link).own_state;
    if (link.is_run) return static_cast<graph_run_link const&>(link).awaited;
    return nullptr;
}

HOCKET_INLINE void sleeping_thread::note_part(future_state_base& state) noexcept {
    for (running_scope const* mine = running; mine != nullptr; mine = mine->below)
        if (&mine->state == &state) return;
    for (std::uint32_t i = 0; i != parts; ++i)
        if (part_of[i] == &state) return;
    if (parts != most_parts) part_of[parts++] = &state;
}

HOCKET_INLINE void sleeping_thread::note_piece(stop_link const& link) noexcept {
    if (piece_count != most_pieces) pieces[piece_count++] = &static_cast<units_link const&>(link);
}

HOCKET_INLINE bool wait_search::finds_cycle() noexcept {
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

HOCKET_INLINE bool full_wait_search::finds_cycle() noexcept {
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
    units_look look = nullptr;
    if (!try_enter(me, look)) return false;
    if (look != nullptr) look();
    return true;
}

HOCKET_INLINE bool sleeping_threads::try_enter(sleeping_thread& me, units_look& look) noexcept {
    os_lock const lock(mutex_);
    bool all = me.look_around();
    if (me.runs_something()) {
        wait_search search(me, first_);
        if (search.finds_cycle()) {
            if (!asks_others(me)) return false;
            all = false;
        }
        all &= search.looked_at_all();
    }
    list(me);
    if (me.piece_count != 0) all = false; // a node may want a unit later
    me.looked_at_all.store(all, std::memory_order_relaxed);
    if (with_pieces_ != 0 && me.runs_something()) look = look_;
    return true;
}

HOCKET_INLINE bool sleeping_threads::stay(sleeping_thread& me) noexcept {
    units_look look = nullptr;
    if (!try_stay(me, look)) return false;
    if (look != nullptr) look();
    return true;
}

HOCKET_INLINE bool sleeping_threads::try_stay(sleeping_thread& me, units_look& look) noexcept {
    os_lock const lock(mutex_);
    unlist(me);
    (void)me.look_around();
    list(me);
    if (with_pieces_ != 0) look = look_;
    if (!full_wait_search(me, first_).finds_cycle()) return true;
    if (me.ends_last) ++me.requests;
    if (asks_others(me)) return true;
    unlist(me);
    return false;
}

HOCKET_COLD HOCKET_INLINE bool sleeping_threads::asks_others(sleeping_thread& me) noexcept {
    if (!me.ends_last || me.requests >= sleeping_thread::most_requests) return false;
    bool any = false;
    for (sleeping_thread* other = first_; other != nullptr; other = other->next) {
        if (other == &me || !other->runs_something()) continue;
        any = true;
        other->looked_at_all.store(false, std::memory_order_relaxed);
    }
    return any;
}

HOCKET_INLINE void sleeping_threads::leave(sleeping_thread& me) noexcept {
    os_lock const lock(mutex_);
    unlist(me);
}

HOCKET_INLINE void sleeping_threads::list(sleeping_thread& me) noexcept {
    me.next = first_;
    first_ = &me;
    if (me.piece_count == 0) return;
    ++with_pieces_;
    look_ = me.pieces[0]->look;
}

HOCKET_INLINE void sleeping_threads::unlist(sleeping_thread& me) noexcept {
    for (sleeping_thread** place = &first_; *place != nullptr; place = &(*place)->next)
        if (*place == &me) {
            *place = me.next;
            if (me.piece_count != 0) --with_pieces_;
            return;
        }
}

} // namespace
