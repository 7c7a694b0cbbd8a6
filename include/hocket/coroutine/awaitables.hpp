// SPDX-License-Identifier: MIT
// Awaitables other than coroutines: futures, a turn in a pool, a point of time. Each awaiter lies in the frame of the
// coroutine. It is not touched any more once another thread may resume the coroutine. Public: sleep_for, sleep_until.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/atomic.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/coroutine/coroutine_run.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/pool/schedule_awaitable.hpp>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The awaitable of `co_await sleep_for(50ms)` in a `task`. Made by sleep_for and sleep_until.
struct [[nodiscard]] sleep_awaitable {
    std::chrono::steady_clock::time_point due;
};

/// `co_await sleep_for(50ms)` continues the coroutine after that time; no thread waits meanwhile. A request of its stop
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

struct sleep_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: sleep_for takes a std::chrono::duration: co_await sleep_for(5ms)");
        return true;
    }
};

} // namespace detail

/// Says what sleep_for takes.
inline sleep_awaitable sleep_for(detail::anything<detail::sleep_usage>) { return {}; }

namespace detail {

/// Awaits a future. `Future` is a reference: the value of an rvalue is moved out, as by `get()`.
template<class Future>
class future_awaiter : suspension {
  public:
    future_awaiter(coroutine_run& its_run, Future from) noexcept
        : suspension{&end_wait}, run_(its_run), from_(std::forward<Future>(from)) {}
    future_awaiter(future_awaiter const&) = delete;
    future_awaiter& operator=(future_awaiter const&) = delete;

    bool await_ready() const { return from_.ready() && !run_.leaves_its_turn(); }
    bool await_suspend(std::coroutine_handle<> waiting) {
        run_.suspend(waiting);
        run_.link.begin();
        if (!from_.state()->add(run_.link)) {
            run_.hand_over();
            return true;
        }
        run_.wait_here(*this);
        if (run_.token.stop_possible()) on_stop_.emplace(run_.token, canceller{&run_});
        return !run_.link.suspends_in_vain();
    }
    decltype(auto) await_resume() {
        run_.place.leave();
        on_stop_.reset();
        run_.throw_if_stopped();
        return std::forward<Future>(from_).get();
    }

  private:
    struct canceller {
        coroutine_run* run;
        void operator()() const noexcept { run->end_wait(); }
    };
    static void end_wait(suspension& self) noexcept { static_cast<future_awaiter&>(self).run_.end_wait(); }

    coroutine_run& run_;
    Future from_;
    std::optional<hocket::stop_callback<canceller>> on_stop_;
};

class schedule_awaiter {
  public:
    schedule_awaiter(coroutine_run& its_run, scheduler& pool) noexcept : run_(its_run), pool_(pool) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    void await_resume() const { run_.throw_if_stopped(); }

  private:
    /// Queues the coroutine behind the work that the pool received before.
    void yield() noexcept;

    coroutine_run& run_;
    scheduler& pool_;
};

/// Awaits a point of time. Two threads have to finish before the coroutine goes on: the thread of the call that
/// suspends it, and the thread of the timer or of a cancellation. The last finisher resumes it.
class sleep_awaiter : timer_item, suspension {
  public:
    sleep_awaiter(coroutine_run& its_run, std::chrono::steady_clock::time_point when);

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting);
    void await_resume();

  private:
    struct waker {
        sleep_awaiter* sleeper;
        void operator()() const noexcept { sleeper->end_wait(); }
    };
    void end_wait() noexcept {
        if (cancel_timer(*this)) one_is_through();
    }

    void one_is_through() noexcept;

    coroutine_run& run_;
    std::optional<hocket::stop_callback<waker>> on_stop_;
    /// How many of the two threads have not finished. Writers: both.
    atomic<std::uint32_t> left_{2};
};

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/coroutine/awaitables.ipp>
#endif
