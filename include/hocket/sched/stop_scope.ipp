// SPDX-License-Identifier: MIT
// The bodies of the functions that stop_scope.hpp declares.
#pragma once

#include <hocket/os/unwinding.hpp>
#include <hocket/sched/stop_scope.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE stop_scope::stop_scope(stop_link const* link) noexcept
    : outer_link_(std::exchange(current_stop, link)),
      outer_(std::exchange(innermost_stop_scope, this)),
      link_(link),
      slot_(this_slot),
      top_(task_top.load(std::memory_order_relaxed)) {
    request_here.marked_until.store(reinterpret_cast<std::uintptr_t>(top_), std::memory_order_relaxed);
    request_here.attention.store(steal_request::asked, std::memory_order_relaxed); // the next push marks the scope
}

HOCKET_INLINE stop_scope::~stop_scope() {
    if (stop_listeners_here != 0) [[unlikely]]
        drop_stop_listeners(this);
    if (is_marked_) [[unlikely]]
        slot_->scopes.leave();
    current_stop = outer_link_;
    innermost_stop_scope = outer_;
}

HOCKET_COLD HOCKET_INLINE std::uint64_t stop_scope::number() const noexcept {
    static constinit atomic<std::uint64_t> given{0};
    if (number_ == 0) number_ = given.fetch_add(1, std::memory_order_relaxed) + 1;
    return number_;
}

HOCKET_INLINE void stop_scope::note(worker& me, task_slot const* slot) noexcept {
    stop_note& to = me.stops[static_cast<std::size_t>(slot - me.stack.data())];
    to.dropped.store(false, std::memory_order_relaxed);
    to.made = scopes_here.next;
    stop_scope const* scope = innermost_stop_scope;
    while (scope != nullptr && scope->slot_ == &me && scope->top_ > slot) scope = scope->outer_;
    to.link = scope != nullptr ? scope->link_ : nullptr;
    to.scope = scope;
    to.first = scope != nullptr && scope->slot_ == &me ? scope->top_ : me.stack.data();
    if (unwinds()) { // what destructors do is not cut short
        to.link = nullptr;
        to.first = slot;
    }
}

HOCKET_INLINE bool stop_scope::mark(worker& me, stop_scope const* scope) noexcept {
    if (scope == nullptr || scope->slot_ != &me || scope->is_marked_) return true;
    if (!mark(me, scope->outer_) || !me.scopes.enter(scope->top_, scope)) return false;
    return scope->is_marked_ = true;
}

HOCKET_INLINE void stop_scope::mark_all(worker& me) noexcept {
    std::uintptr_t until = ~std::uintptr_t{0};
    if (!mark(me, innermost_stop_scope))
        for (stop_scope const* one = innermost_stop_scope; one != nullptr && one->slot_ == &me && !one->is_marked_;
             one = one->outer_)
            until = reinterpret_cast<std::uintptr_t>(one->top_);
    request_here.marked_until.store(until, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE void stop_scope::note_for_owner(worker& owner, task_slot const* slot) noexcept {
    scope_marks::mark const& around = owner.scopes.around(slot);
    stop_scope const* const scope = around.scope.load(std::memory_order_relaxed);
    stop_note& to = owner.stops[static_cast<std::size_t>(slot - owner.stack.data())];
    to.dropped.store(false, std::memory_order_relaxed);
    to.made = ~std::uintptr_t{0}; // after all that the owner has given
    to.link = scope != nullptr ? scope->link_ : nullptr;
    to.scope = scope;
    to.first = around.top.load(std::memory_order_relaxed);
}

HOCKET_INLINE task_slot const* stop_scope::first_slot(worker const& me) noexcept {
    stop_scope const* const scope = innermost_stop_scope;
    return scope != nullptr && scope->slot_ == &me ? scope->top_ : me.stack.data();
}

HOCKET_COLD HOCKET_INLINE stop_place stop_scope::around_maker_of(void const* scope) noexcept {
    stop_place here = stop_place::here();
    if (!here.is_somewhere()) return here;
    stop_scope const* body = innermost_stop_scope;
    while (body != nullptr && !scopes_here.given_since(body->began_, scope)) body = body->outer_;
    if (body != innermost_stop_scope) return {body != nullptr ? body->link_ : nullptr, nullptr, nullptr, nullptr};
    if (here.slot == nullptr) return here;
    while (here.last != here.first && began_after(here.last - 1, scope)) --here.last;
    if (here.last == here.first) here.slot = nullptr;
    return here;
}

HOCKET_COLD HOCKET_INLINE bool stop_scope::has_made_lately(void const* scope) noexcept {
    if (!has_made(scope)) return false;
    stop_place const here = stop_place::here();
    if (here.slot == nullptr) return true;
    task_slot const* const split = here.slot->split.load(std::memory_order_acquire); // <- worker.split
    return here.first >= split || !began_after((here.last < split ? here.last : split) - 1, scope);
}

/// Whether the join of a slot was published after `scope` was given, or is not public.
HOCKET_INLINE bool stop_scope::began_after(task_slot const* slot, void const* scope) noexcept {
    worker const& me = *this_slot;
    return slot >= me.split.load(std::memory_order_acquire) || // <- worker.split
           !scopes_here.given_since(me.stops[static_cast<std::size_t>(slot - me.stack.data())].made, scope);
}

HOCKET_COLD HOCKET_INLINE bool stop_scope::is_part(stop_link const& stolen, stop_link const& operation) noexcept {
    return stop_place{&stolen, nullptr, nullptr, nullptr}.is_within(operation);
}

HOCKET_INLINE bool stop_scope::runs(stop_link const* link) noexcept {
    for (stop_scope const* scope = innermost_stop_scope; scope != nullptr; scope = scope->outer_)
        if (scope->link_ == link || (scope->link_ != nullptr && scope->link_->stolen && is_part(*scope->link_, *link)))
            return true;
    return false;
}

HOCKET_NOINLINE HOCKET_INLINE stop_place stop_place::here_below(task_slot const* slot) noexcept {
    worker const* const me = this_slot;
    task_slot const* const first = me != nullptr ? stop_scope::first_slot(*me) : nullptr;
    bool const in_join = me != nullptr && first < slot;
    if ((current_stop == nullptr && !in_join) || unwinds()) return {};
    if (!in_join) return {current_stop, nullptr, nullptr, nullptr, innermost_stop_scope};
    return {current_stop, me, first, slot, innermost_stop_scope};
}

HOCKET_INLINE stop_place stop_place::here() noexcept {
    task_slot const* const top = task_top.load(std::memory_order_relaxed);
    if (current_stop == nullptr && top == nullptr) [[likely]]
        return {};
    return here_below(top);
}

HOCKET_INLINE stop_place stop_scope::around() const noexcept {
    task_slot const* const first = outer_ != nullptr && outer_->slot_ == slot_ ? outer_->top_
                                   : slot_ != nullptr                          ? slot_->stack.data()
                                                                               : nullptr;
    if (slot_ == nullptr || first >= top_) return {outer_link_, nullptr, nullptr, nullptr, outer_};
    return {outer_link_, slot_, first, top_, outer_};
}

HOCKET_NOINLINE HOCKET_INLINE bool stop_scope::looks_here() noexcept {
    stop_place const here = stop_place::here();
    if (!here.is_somewhere()) return false;
    return innermost_stop_scope != nullptr ? innermost_stop_scope->look_.finds_stopped(here) : here.stopped();
}

HOCKET_INLINE stop_place const* stop_walk::around_task(running_link const& task) noexcept {
    if (task.body == nullptr) return &nowhere;
    found_ = task.body->around();
    return &found_;
}

HOCKET_COLD HOCKET_INLINE bool stop_place::is_within(stop_link const& operation) const noexcept {
    stop_walk walk;
    for (stop_place const* place = this; place != nullptr && place->link != nullptr; place = walk.around(*place->link))
        if (place->link == &operation) return true;
    return false;
}

HOCKET_NOINLINE HOCKET_INLINE bool stop_place::stopped(bool* polled, bool* silent) const noexcept {
    stop_walk walk;
    for (stop_place const* place = this;;) {
        if (place->slot != nullptr && place->slot->failed_slots.load(std::memory_order_relaxed) != 0)
            for (task_slot const* one = place->first; one != place->last; ++one)
                if (slot_word::is_failed(one->state.load(std::memory_order_relaxed))) return true;
        stop_link const* const next = place->link;
        if (next == nullptr) return false;
        if (next->stopped(*next)) return true;
        if (polled != nullptr && next->polled) *polled = true;
        place = walk.around(*next);
        if (silent != nullptr && (next->polled || place == nullptr)) *silent = true;
        if (place == nullptr) return false;
    }
}

HOCKET_NOINLINE HOCKET_INLINE bool stop_look::looks(stop_place const& place, std::uint64_t told) const noexcept {
    bool silent = false;
    if (place.stopped(nullptr, &silent)) return true;
    if (!silent) going_at_.store(told, std::memory_order_relaxed);
    return false;
}

HOCKET_NOINLINE HOCKET_INLINE bool stop_look::looks_in_body(stop_place const& place,
                                                            std::uint64_t told) const noexcept {
    stop_look const* const body = place.scope != nullptr ? &place.scope->look() : nullptr;
    if (body != nullptr && body->going_at_.load(std::memory_order_relaxed) == told) {
        going_at_.store(told, std::memory_order_relaxed);
        return false;
    }
    if (looks(place, told)) return true;
    if (body != nullptr && !is_due()) body->going_at_.store(told, std::memory_order_relaxed);
    return false;
}

HOCKET_COLD HOCKET_INLINE void tell_of_stop() noexcept {
    look_around_again();
    pools_of_process.for_each([](scheduler& pool) noexcept {
        std::uint32_t const count = pool.worker_slots();
        for (std::uint32_t i = 0; i < count; ++i) pool.worker_slot(i)->tell();
    });
    stop_listeners_of_process.tell(false);
}

HOCKET_COLD HOCKET_INLINE bool handles_cancellation() noexcept {
    try {
        throw;
    } catch (operation_cancelled const&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace
