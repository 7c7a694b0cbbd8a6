// SPDX-License-Identifier: MIT
// Waits of coroutines for each other: a queue under a lock, which holds an awaiter while its coroutine is suspended.
// Callers: async_mutex, async_semaphore, async_event, channel.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/coroutine/coroutine_run.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/os_mutex.hpp>

#include <coroutine>
#include <cstdint>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// A waiting coroutine. Two threads have to finish before it goes on: the thread of the call that suspends it, and the
/// thread that takes it out of the queue. The last finisher resumes it.
struct async_waiter {
    explicit async_waiter(coroutine_run& its_run) noexcept : run(its_run) {}
    async_waiter(async_waiter const&) = delete;
    async_waiter& operator=(async_waiter const&) = delete;

    void one_is_through() noexcept;

    coroutine_run& run;
    async_waiter* next = nullptr; // the link of the queue
    async_waiter* previous = nullptr;
    bool queued = false;  // a stop finds it in the queue
    bool granted = false; // its request was granted: the stop came too late
    /// How many of the two threads have not finished. Writers: both.
    atomic<std::uint32_t> left{2};
};

/// A queue of waiters, first in, first out. Its owner guards it.
class async_waiters {
  public:
    bool empty() const noexcept { return first_ == nullptr; }
    void push(async_waiter& w) noexcept;
    void remove(async_waiter& w) noexcept;
    /// Takes the first waiter out and grants its request.
    async_waiter& grant_first() noexcept;

  private:
    async_waiter* first_ = nullptr;
    async_waiter* last_ = nullptr;
};

/// Waiters that a thread has taken out of queues, and resumes after it has left the lock.
class async_woken {
  public:
    void push(async_waiter& w) noexcept;
    /// Resumes the waiters in the order in which they came. Each may end meanwhile, and destroy the object that it
    /// waited for.
    void wake_all() noexcept;

  private:
    async_waiter* first_ = nullptr;
    async_waiter* last_ = nullptr;
};

/// An awaiter of an Object, which has a `mutex_`. Under this mutex `begin(awaiter, woken)` returns whether the request
/// is granted at once; otherwise it puts the awaiter into a queue. `leave(awaiter)` takes it out again. `begin` moves
/// waiters from other queues to `woken`. Derived adds the result for the coroutine.
template<class Object, class Derived>
class async_awaiter : public async_waiter, suspension {
  public:
    async_awaiter(coroutine_run& its_run, Object& object) noexcept
        : async_waiter(its_run), suspension{&end_wait}, object_(object) {}

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        run.suspend(waiting);
        bool at_once = false;
        async_woken woken;
        {
            os_lock const lock(object_.mutex_);
            at_once = object_.begin(static_cast<Derived&>(*this), woken);
        }
        woken.wake_all();
        if (at_once) {
            granted = true;
            if (!run.leaves_its_turn()) return false;
            run.hand_over();
            return true;
        }
        run.wait_here(*this);
        if (run.token.stop_possible()) on_stop_.emplace(run.token, canceller{this});
        return left.fetch_sub(1, std::memory_order_acq_rel) != 1; // async_waiter.through ->, <- async_waiter.through
    }

  protected:
    void finish() {
        run.place.leave();
        on_stop_.reset();
        if (!granted) throw operation_cancelled();
    }

    Object& object_;

  private:
    struct canceller {
        async_awaiter* awaiter;
        void operator()() const noexcept { end_wait(*awaiter); }
    };
    static void end_wait(suspension& self) noexcept {
        auto& awaiter = static_cast<async_awaiter&>(self);
        {
            os_lock const lock(awaiter.object_.mutex_);
            if (!awaiter.queued) return;
            awaiter.object_.leave(static_cast<Derived&>(awaiter));
        }
        awaiter.one_is_through();
    }

    std::optional<hocket::stop_callback<canceller>> on_stop_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/coroutine/async_waiters.ipp>
#endif
