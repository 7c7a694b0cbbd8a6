// SPDX-License-Identifier: MIT
// The bodies of the functions that awaitables.hpp declares.
#pragma once

#include <hocket/coroutine/awaitables.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void schedule_awaiter::await_suspend(std::coroutine_handle<> waiting) {
    run_.suspend(waiting);
    run_.move_to(pool_);
    if (run_.rank.has_value() || run_.level != priority::normal)
        run_.wake();
    else
        yield();
}

HOCKET_INLINE void schedule_awaiter::yield() noexcept {
    pending_count* const pending = slot_in(pool_) == nullptr && run_.holds_pool ? &pool_.handle().pending() : nullptr;
    if (pending != nullptr) (void)pending->add();
    spawn_list(pool_, run_, run_);
    if (pending != nullptr) pending->done();
}

HOCKET_INLINE sleep_awaiter::sleep_awaiter(coroutine_run& its_run, std::chrono::steady_clock::time_point when)
    : suspension{[](suspension& self) noexcept { static_cast<sleep_awaiter&>(self).end_wait(); }}, run_(its_run) {
    timer_item::due = when;
    timer_item::pool = its_run.pool;
    timer_item::fire = [](timer_item* self) noexcept { static_cast<sleep_awaiter*>(self)->one_is_through(); };
}

HOCKET_INLINE bool sleep_awaiter::await_suspend(std::coroutine_handle<> waiting) {
    run_.suspend(waiting);
    if (run_.token.stop_possible()) {
        prepare_timer(*this);
        on_stop_.emplace(run_.token, waker{this});
    }
    start_timer(*this);
    if (run_.token.stop_requested() && cancel_timer(*this)) return false;
    run_.wait_here(*this);
    return left_.fetch_sub(1, std::memory_order_acq_rel) != 1; // sleep_awaiter.through ->, <- sleep_awaiter.through
}

HOCKET_INLINE void sleep_awaiter::await_resume() {
    run_.place.leave();
    on_stop_.reset();
    run_.throw_if_stopped();
}

HOCKET_INLINE void sleep_awaiter::one_is_through() noexcept {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) // sleep_awaiter.through ->, <- sleep_awaiter.through
        run_.wake(true);
}

} // namespace
