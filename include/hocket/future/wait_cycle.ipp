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
    beyond_runs = 0;
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
        if (state != nullptr) note_part(*state, scopes[i].beyond_run);
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

HOCKET_INLINE void sleeping_thread::note_part(future_state_base& state, bool is_beyond_run) noexcept {
    for (running_scope const* mine = running; mine != nullptr; mine = mine->below)
        if (&mine->state == &state) return;
    std::uint32_t i = 0;
    while (i != parts && part_of[i] != &state) ++i;
    if (i == most_parts) return;
    std::uint64_t const bit = std::uint64_t{1} << i;
    if (i == parts) {
        part_of[parts++] = &state;
        beyond_runs |= bit;
    }
    if (!is_beyond_run) beyond_runs &= ~bit;
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
                if (thread->part_of[i] != nullptr && is_awaited(*thread->part_of[i])) return true;
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

HOCKET_COLD HOCKET_INLINE held_up_states::held_up_states(sleeping_thread* sleepers) noexcept : first_(sleepers) {
    for (sleeping_thread* thread = sleepers; thread != nullptr; thread = thread->next) {
        thread->stuck = false;
        complete_ &= sleepers_.add(&thread->awaited, thread);
    }
}

HOCKET_COLD HOCKET_INLINE bool held_up_states::find(sleeping_thread const* last) noexcept {
    while (complete_) {
        if (last != nullptr && last->stuck) return true;
        if (sleeping_thread const* const thread = threads_.pop()) {
            complete_ &= tasks_.push(thread->running);
            for (std::uint32_t i = 0; i != thread->parts; ++i)
                if (thread->part_of[i] != nullptr) add(*thread->part_of[i]);
        } else if (running_scope const* const task = tasks_.pop()) {
            complete_ &= tasks_.push(task->below);
            add(task->state, true);
        } else if (continuation const* const one = links_.pop()) {
            complete_ &= links_.push(one->next);
            add_waiting(*one);
        } else {
            return true;
        }
    }
    return false;
}

HOCKET_COLD HOCKET_INLINE void held_up_states::add(future_state_base& state, bool runs) noexcept {
    if (runs && state.type->order != computing_order::any)
        for (sleeping_thread* thread = first_; thread != nullptr; thread = thread->next)
            if (holds_up(state, thread->awaited)) mark(*thread);
    if (seen_.has(&state)) return;
    complete_ &= seen_.add(&state, true) && links_.push(state.word.newest());
    (void)sleepers_.any(&state, [this](sleeping_thread* thread) {
        mark(*thread);
        return false;
    });
}

HOCKET_COLD HOCKET_INLINE void held_up_states::add_waiting(continuation const& link) noexcept {
    if (link.kind->some != nullptr) return add_some(link.kind->some(link));
    future_state_base* const state = link.kind->waiting(link);
    if (state != nullptr) add(*state);
}

HOCKET_COLD HOCKET_INLINE void held_up_states::add_some(some_needed const& needed) noexcept {
    if (needed.state == nullptr) return;
    if (within_ != nullptr ? within_->seen_.has(needed.state) : are_fatal(needed)) return add(*needed.state);
    open_ |= needed.continued ||
             sleepers_.any(needed.state, [](sleeping_thread const* thread) { return thread->runs_something(); });
}

HOCKET_COLD HOCKET_INLINE bool held_up_states::are_fatal(some_needed const& needed) noexcept {
    std::size_t count = 1;
    bool const is_counted = counts_.any(needed.owner, [&](std::size_t& before) {
        count = ++before;
        return true;
    });
    if (!is_counted) complete_ &= counts_.add(needed.owner, count);
    return count >= needed.fatal;
}

HOCKET_COLD HOCKET_INLINE bool full_wait_search::finds_cycle() noexcept {
    held_up_states search(first_);
    search.add(me_);
    if (!search.find(me_.ends_last ? nullptr : &me_)) return false;
    return me_.stuck || (search.is_open() && finds_knot());
}

HOCKET_COLD HOCKET_INLINE bool full_wait_search::finds_knot() noexcept {
    for (sleeping_thread* thread = first_; thread != nullptr; thread = thread->next)
        thread->supposed = thread->runs_something();
    for (;;) {
        held_up_states all(first_);
        for (sleeping_thread* thread = first_; thread != nullptr; thread = thread->next)
            if (thread->supposed) all.add(*thread);
        if (!all.find()) return false;
        bool changed = drop_others();
        if (!me_.supposed) return false;
        held_up_states by_me(first_);
        by_me.add(me_);
        if (!by_me.find_within(all)) return false;
        changed |= drop_others();
        if (!me_.supposed) return false;
        if (!changed) return true;
    }
}

HOCKET_COLD HOCKET_INLINE bool full_wait_search::drop_others() noexcept {
    bool changed = false;
    for (sleeping_thread* thread = first_; thread != nullptr; thread = thread->next)
        if (thread->supposed && !thread->stuck) {
            thread->supposed = false;
            changed = true;
        }
    return changed;
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
    if (me.number == 0) me.number = ++sleeps_;
    if (me.runs_something()) {
        wait_search search(me, first_);
        if (search.finds_cycle()) {
            if (!asks_others(me, false)) return false;
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
    if (asks_others(me, true)) return true;
    unlist(me);
    return false;
}

HOCKET_COLD HOCKET_INLINE bool sleeping_threads::asks_others(sleeping_thread& me, bool in_full) noexcept {
    if (!me.ends_last || me.requests >= sleeping_thread::most_requests) return false;
    bool any = false;
    for (sleeping_thread* other = first_; other != nullptr; other = other->next) {
        if (other == &me || !me.ends_after(*other) || !other->runs_something() || (in_full && !other->stuck)) continue;
        any = true;
        other->looked_at_all.store(false, std::memory_order_relaxed);
    }
    return any;
}

HOCKET_INLINE void sleeping_threads::leave(sleeping_thread& me) noexcept {
    os_lock const lock(mutex_);
    unlist(me);
}

HOCKET_COLD HOCKET_INLINE void sleeping_threads::forget_beyond_runs() noexcept {
    os_lock const lock(mutex_);
    for (sleeping_thread* thread = first_; thread != nullptr; thread = thread->next) {
        if (thread->beyond_runs == 0) continue;
        for (std::uint32_t i = 0; i != thread->parts; ++i)
            if ((thread->beyond_runs >> i & 1) != 0) thread->part_of[i] = nullptr;
        thread->beyond_runs = 0;
        thread->looked_at_all.store(false, std::memory_order_relaxed);
    }
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
