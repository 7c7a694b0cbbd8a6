// SPDX-License-Identifier: MIT
// The bodies of the functions that coroutine_run.hpp declares.
#pragma once

#include <hocket/coroutine/coroutine_run.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE coroutine_run::coroutine_run(scheduler& its_home, future_state_base& its_state,
                                           void (*its_end)(coroutine_run*) noexcept) noexcept
    : link(*this), home(its_home), state(&its_state), end(its_end), pool(&its_home) {
    work_item::run = &coroutine_run::go_on;
    own_state = &its_state;
}

HOCKET_INLINE run_link::run_link(coroutine_run& its_run) noexcept : run(its_run) {
    static constexpr continuation_kind wakes = {[](continuation* self) noexcept {
                                                    auto& link = *static_cast<run_link*>(self);
                                                    bool suspended_before = false;
                                                    if (!link.ends(suspended_before)) return link.run.state->release();
                                                    if (suspended_before) link.run.wake();
                                                },
                                                [](continuation const& self) noexcept -> future_state_base* {
                                                    auto const& link = static_cast<run_link const&>(self);
                                                    return link.is_over() ? nullptr : link.run.state;
                                                }};
    kind = &wakes;
}

HOCKET_COLD HOCKET_INLINE void coroutine_run::end_wait() noexcept {
    state->retain(); // the reference of the link, which stays in the list
    leaves_futures.store(true, std::memory_order_relaxed);
    bool suspended_before = false;
    if (!link.ends(suspended_before)) return state->release();
    if (suspended_before) wake();
}

HOCKET_INLINE void coroutine_run::wake(bool due) noexcept {
    if (slot_in(*pool) != nullptr || !holds_pool) return hand_over(due);
    pending_count& pending = pool->handle().pending(); // the run and its pool may have ended before spawn returns
    (void)pending.add();
    hand_over(due);
    pending.done();
}

HOCKET_INLINE void coroutine_run::hand_over(bool due) noexcept {
    if (line != nullptr)
        line->push(*line, *this);
    else if (rank.has_value() && pool == &home)
        spawn_on(*pool, *rank, *this);
    else
        detail::spawn(*pool, *this, due && level == priority::normal ? priority::high : level);
}

HOCKET_INLINE void coroutine_run::move_to(scheduler& other) {
    other.require_this_process();
    if (&other == pool) return;
    bool const held = &other == &home ? holds_home : other.handle().pending().add();
    leave_pool();
    pool = &other;
    holds_pool = held;
}

HOCKET_INLINE void coroutine_run::go_on(work_item* item) noexcept {
    auto& self = *static_cast<coroutine_run*>(item);
    trampoline bounce{self.suspended};
    self.here = &bounce;
    trace_scope::rename(self.name != nullptr ? self.name : "coroutine", "coroutine");
    {
        stop_scope const stop(&self);
        running_scope const running(*self.state);
        fp_scope const its_mode(self.mode);
        name_scope const named(self.name);
        for (unsigned steps = 1; bounce.next; ++steps) {
            std::exchange(bounce.next, nullptr).resume();
            if (bounce.next && leaves_turn(steps)) break; // never before the first step
        }
    }
    if (bounce.next) { // no other thread can reach it
        self.suspended = bounce.next;
        return self.hand_over();
    }
    if (bounce.ended != nullptr) bounce.ended->end(bounce.ended);
}

} // namespace
