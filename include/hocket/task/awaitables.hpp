// SPDX-License-Identifier: MIT
// What a coroutine can await besides other coroutines, floor 5: futures, a turn in a pool, a point of time. Each
// awaiter lies in the frame of the coroutine, and is not touched any more once somebody may resume that. Public:
// sleep_for, sleep_until.
#pragma once

#include <hocket/base/slab.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/task/coroutine_run.hpp>
#include <hocket/task/future.hpp>
#include <hocket/task/timer.hpp>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI {

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

/// What lies in the list of a future for a coroutine that can be stopped. The future may be ready long after the stop: then the
/// coroutine is gone, and only this and the memory of its state are left.
struct stoppable_link : continuation {
    /// Two have to be through before the coroutine goes on: the call that suspends it, and the future or the stop, whichever is first.
    struct waiter {
        void one_is_through() noexcept;

        coroutine_run& run;
        /// Writers: the two.
        std::atomic<std::uint32_t> left{2};
    };

    explicit stoppable_link(waiter& its_waiter) noexcept;
    ~stoppable_link() { state->release(); }

    /// By the future and by the stop.
    void end_wait() noexcept {
        if (!ended.exchange(true, std::memory_order_relaxed)) of.one_is_through();
    }
    void release() noexcept;

    waiter& of; // until the wait has ended
    future_state_base* const state;
    /// Writers: the future, the stop. Relaxed: the first of them goes on, and the other one does nothing.
    std::atomic<bool> ended{false};
    /// Writers: the future, the awaiter.
    std::atomic<std::uint32_t> references{2};
};

/// `Future` is a reference: what an rvalue holds is moved out, as by `get()`.
template<class Future>
class future_awaiter : continuation {
  public:
    future_awaiter(coroutine_run& its_run, Future from) noexcept
        : waiter_{its_run, {2}}, from_(std::forward<Future>(from)) {}
    future_awaiter(future_awaiter const&) = delete;
    future_awaiter& operator=(future_awaiter const&) = delete;
    ~future_awaiter() {
        if (link_ != nullptr) link_->release();
    }

    bool await_ready() const { return from_.ready(); }
    bool await_suspend(std::coroutine_handle<> waiting) {
        waiter_.run.suspend(waiting);
        if (waiter_.run.token.stop_possible()) return wait_with_stop();
        static constexpr continuation_kind wakes = {
            [](continuation* self) noexcept { static_cast<future_awaiter*>(self)->waiter_.run.wake(); },
            [](continuation const& self) noexcept {
                return static_cast<future_awaiter const&>(self).waiter_.run.state;
            }};
        kind = &wakes;
        return from_.state()->add(*this);
    }
    decltype(auto) await_resume() {
        on_stop_.reset();
        waiter_.run.throw_if_stopped();
        return std::forward<Future>(from_).get();
    }

  private:
    struct canceller {
        stoppable_link* link;
        void operator()() const noexcept { link->end_wait(); }
    };

    bool wait_with_stop() {
        link_ = make_in_slab<stoppable_link>(waiter_);
        if (!from_.state()->add(*link_)) {
            link_->release();
            return false;
        }
        on_stop_.emplace(waiter_.run.token, canceller{link_});
        return waiter_.left.fetch_sub(1, std::memory_order_acq_rel) != // future_awaiter.through ->
               1;                                                      // <- future_awaiter.through
    }

    stoppable_link::waiter waiter_;
    Future from_;
    stoppable_link* link_ = nullptr;
    std::optional<hocket::stop_callback<canceller>> on_stop_;
};

class schedule_awaiter {
  public:
    schedule_awaiter(coroutine_run& its_run, scheduler& pool) noexcept : run_(its_run), pool_(pool) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    void await_resume() const { run_.throw_if_stopped(); }

  private:
    /// Behind what the pool was handed before.
    void yield() noexcept;

    coroutine_run& run_;
    scheduler& pool_;
};

/// Two have to be through before the coroutine goes on: the call that suspends it, and the timer or who cancels that.
class sleep_awaiter : timer_item {
  public:
    sleep_awaiter(coroutine_run& its_run, std::chrono::steady_clock::time_point when);

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting);
    void await_resume();

  private:
    struct waker {
        sleep_awaiter* sleeper;
        void operator()() const noexcept {
            if (cancel_timer(*sleeper)) sleeper->one_is_through();
        }
    };

    void one_is_through() noexcept;

    coroutine_run& run_;
    std::optional<hocket::stop_callback<waker>> on_stop_;
    /// Writers: the two.
    std::atomic<std::uint32_t> left_{2};
};

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/task/awaitables.ipp>
#endif
