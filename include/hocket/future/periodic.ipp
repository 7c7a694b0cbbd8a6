// SPDX-License-Identifier: MIT
// The bodies of the functions that periodic.hpp declares.
#pragma once

#include <hocket/future/periodic.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE periodic_state::periodic_state(scheduler& its_pool, clock::duration period, hocket::stop_token token)
    : stop_link{&periodic_state::is_stopped, nullptr},
      pool_(its_pool),
      period_(period),
      ended_(make_state<void>(&its_pool, 1)),
      token_(std::move(token)) {
    timer_item::fire = [](timer_item* self) noexcept {
        auto& state = *static_cast<periodic_state*>(self);
        detail::spawn(state.pool_, state, priority::high); // begins beside longer work
    };
    timer_item::pool = &its_pool;
    timer_item::hurries = true;
    work_item::run = [](work_item* self) noexcept { static_cast<periodic_state*>(self)->tick(); };
    work_item::scope = new_scope();
    ended_->scope = work_item::scope;
    ended_->help = [](future_state_base& state, worker& me) noexcept { return run_one_of(me, state.scope); };
}

HOCKET_INLINE void periodic_state::start(clock::time_point first) {
    due = first;
    try {
        prepare_timer(*this);
        on_stop_.emplace(token_, stopper{this});
        arm();
    } catch (...) {
        finish(nullptr);
        throw;
    }
}

HOCKET_INLINE void periodic_state::request_stop() noexcept {
    stopped_.store(true, std::memory_order_release); // periodic.stop ->
    if (cancel_timer(*this)) finish(nullptr);
}

HOCKET_INLINE bool periodic_state::calls_me() const noexcept {
    periodic_state const* running = innermost;
    while (running != nullptr && running != this) running = running->outer_;
    return running != nullptr;
}

HOCKET_INLINE void periodic_state::release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) // periodic.release ->, <- periodic.release
        delete this;
}

HOCKET_INLINE void periodic_state::stopper::operator()() const noexcept {
    state->retain();
    state->request_stop();
    state->release();
}

HOCKET_INLINE void periodic_state::arm() {
    retain();
    try {
        start_timer(*this);
    } catch (...) {
        release();
        throw;
    }
    if (stopped_.load(std::memory_order_acquire) && cancel_timer(*this)) finish(nullptr); // <- periodic.stop
    release();
}

HOCKET_INLINE void periodic_state::tick() noexcept {
    if (stopped_.load(std::memory_order_acquire) || pool_.handle().pending().ending()) // <- periodic.stop
        return finish(nullptr);
    try {
        {
            stop_scope const stop(this);
            fp_scope const mode(mode_);
            innermost_scope const inner(*this);
            calls_.fetch_add(1, std::memory_order_relaxed);
            call();
        }
        set_next();
        arm();
    } catch (...) {
        finish(std::current_exception());
    }
}

HOCKET_INLINE void periodic_state::set_next() noexcept {
    clock::duration const late = clock::now() - due;
    auto const skipped = late < period_ ? 0 : late / period_;
    missed_.fetch_add(static_cast<std::uint64_t>(skipped), std::memory_order_relaxed);
    due += period_ * (skipped + 1);
}

HOCKET_INLINE void periodic_state::finish(std::exception_ptr error) noexcept {
    {
        innermost_scope const inner(*this); // the callable may hold the handle
        drop_callable();
    }
    state_reference<future_state<void>> const ended(ended_);
    if (error != nullptr)
        ended->set_exception(std::move(error));
    else
        ended->set_value();
    release();
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE periodic_task& periodic_task::operator=(periodic_task&& other) noexcept {
    periodic_task taken(std::move(other));
    std::swap(state_, taken.state_);
    return *this;
}

HOCKET_INLINE periodic_task::~periodic_task() {
    if (state_ == nullptr) return;
    try {
        end_calls();
    } catch (...) { // a child of fork(), where no worker runs it
    }
    state_->release();
}

HOCKET_INLINE void periodic_task::stop() {
    if (state_ == nullptr) return;
    end_calls();
    report();
}

HOCKET_INLINE void periodic_task::wait() {
    if (state_ == nullptr) return;
    detail::wait_for_state(state_->ended());
    report();
}

HOCKET_INLINE void periodic_task::end_calls() {
    state_->request_stop();
    if (!state_->calls_me()) detail::wait_for_state(state_->ended());
}

HOCKET_INLINE void periodic_task::report() const {
    detail::future_state<void>& ended = state_->ended();
    if (ended.failed()) std::rethrow_exception(ended.error());
}

} // namespace
