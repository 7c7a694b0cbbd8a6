// SPDX-License-Identifier: MIT
// What a coroutine can await besides other coroutines, floor 5: futures, a turn in a pool, a point of time. Each
// awaiter lies in the frame of the coroutine, and is not touched any more once somebody may resume that. Public:
// sleep_for, sleep_until.
#pragma once

#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/task/coroutine_run.hpp>
#include <hocket/task/future.hpp>
#include <hocket/task/timer.hpp>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <utility>

namespace hocket {

/// What `co_await sleep_for(50ms)` waits for, in a `task`. Made by sleep_for and sleep_until.
struct [[nodiscard]] sleep_awaitable {
    std::chrono::steady_clock::time_point due;
};

/// `co_await sleep_for(50ms)`: the coroutine goes on after that time; no thread waits meanwhile. A request of its stop
/// token wakes it at once, with `operation_cancelled`.
template<class Rep, class Period>
sleep_awaitable sleep_for(std::chrono::duration<Rep, Period> time) {
    return {detail::due_after(time)};
}
template<class Duration>
sleep_awaitable sleep_until(std::chrono::time_point<std::chrono::steady_clock, Duration> when) {
    return {std::chrono::time_point_cast<std::chrono::steady_clock::duration>(when)};
}

namespace detail {

/// `Future` is a reference: what an rvalue holds is moved out, as by `get()`.
template<class Future>
class future_awaiter : continuation {
  public:
    future_awaiter(coroutine_run& its_run, Future from) noexcept : run_(its_run), from_(std::forward<Future>(from)) {}

    bool await_ready() const { return from_.ready(); }
    bool await_suspend(std::coroutine_handle<> waiting) noexcept {
        run_.suspended = waiting;
        static constexpr continuation_kind wakes = {
            [](continuation* self) noexcept { static_cast<future_awaiter*>(self)->run_.wake(); },
            [](continuation const& self) noexcept { return static_cast<future_awaiter const&>(self).run_.state; }};
        kind = &wakes;
        return from_.state()->add(*this);
    }
    decltype(auto) await_resume() {
        run_.throw_if_stopped();
        return std::forward<Future>(from_).get();
    }

  private:
    coroutine_run& run_;
    Future from_;
};

class schedule_awaiter {
  public:
    schedule_awaiter(coroutine_run& its_run, scheduler& pool) noexcept : run_(its_run), pool_(pool) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        run_.suspended = waiting;
        run_.move_to(pool_);
        if (run_.rank.has_value() || run_.level != urgency::normal)
            run_.wake();
        else
            yield();
    }
    void await_resume() const { run_.throw_if_stopped(); }

  private:
    /// Behind what the pool was handed before.
    void yield() noexcept {
        pending_count* const pending =
            context_in(pool_) == nullptr && run_.holds_pool ? &pool_.handle().pending() : nullptr;
        if (pending != nullptr) (void)pending->add();
        spawn_list(pool_, run_, run_);
        if (pending != nullptr) pending->done();
    }

    coroutine_run& run_;
    scheduler& pool_;
};

/// Two have to be through before the coroutine goes on: the call that suspends it, and the timer or who cancels that.
class sleep_awaiter : timer_item {
  public:
    sleep_awaiter(coroutine_run& its_run, std::chrono::steady_clock::time_point when) : run_(its_run) {
        timer_item::due = when;
        timer_item::pool = its_run.pool;
        timer_item::fire = [](timer_item* self) noexcept { static_cast<sleep_awaiter*>(self)->one_is_through(); };
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        run_.suspended = waiting;
        if (run_.token.stop_possible()) {
            prepare_timer(*this);
            on_stop_.emplace(run_.token, waker{this});
        }
        start_timer(*this);
        if (run_.token.stop_requested() && cancel_timer(*this)) return false;
        return left_.fetch_sub(1, std::memory_order_acq_rel) != 1; // sleep_awaiter.through ->, <- sleep_awaiter.through
    }
    void await_resume() {
        on_stop_.reset();
        run_.throw_if_stopped();
    }

  private:
    struct waker {
        sleep_awaiter* sleeper;
        void operator()() const noexcept {
            if (cancel_timer(*sleeper)) sleeper->one_is_through();
        }
    };

    void one_is_through() noexcept {
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) // sleep_awaiter.through ->, <- sleep_awaiter.through
            run_.wake();
    }

    coroutine_run& run_;
    std::optional<std::stop_callback<waker>> on_stop_;
    /// Writers: the two.
    std::atomic<std::uint32_t> left_{2};
};

} // namespace detail
} // namespace hocket
