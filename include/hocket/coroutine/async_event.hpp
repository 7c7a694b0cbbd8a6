// SPDX-License-Identifier: MIT
// An event that coroutines wait for: async_event. Public.
#pragma once

#include <hocket/coroutine/async_waiters.hpp>

namespace hocket::inline HOCKET_ABI {

/// Lets coroutines (`task`) wait until something has happened. `co_await ready.wait();` goes on once `ready.set()` was
/// called, and at once if it was called before. `reset` makes later waits suspend again. A waiting coroutine occupies
/// no thread.
///
/// **Threads** any, of any pools. Waiting coroutines must have gone on or ended before the event is destroyed. A
/// coroutine that goes on may destroy it while `set` returns. **Throws** `operation_cancelled` in a coroutine whose
/// stop token is requested while it waits. **Order** effects before `set` happen before a waiting coroutine goes on.
class async_event {
  public:
    explicit async_event(bool is_set = false) noexcept : set_(is_set) {}
    async_event(async_event const&) = delete;
    async_event& operator=(async_event const&) = delete;

    class awaiter : public detail::async_awaiter<async_event, awaiter> {
      public:
        using detail::async_awaiter<async_event, awaiter>::async_awaiter;
        void await_resume() { finish(); }
    };
    /// The awaitable of `wait`.
    struct [[nodiscard]] waiting {
        async_event& event;
        awaiter awaiter_in(detail::coroutine_run& run) const noexcept { return awaiter(run, event); }
    };

    /// Returns the awaitable of `co_await event.wait()`, or `co_await event`.
    waiting wait() noexcept { return {*this}; }
    /// For the library: makes the awaiter of a run.
    awaiter awaiter_in(detail::coroutine_run& run) noexcept { return awaiter(run, *this); }
    [[nodiscard]] bool is_set() const noexcept;
    /// Lets all waiting coroutines go on, in the order in which they came. **Blocks** never.
    void set() noexcept;
    void reset() noexcept;

  private:
    template<class Object, class Derived>
    friend class detail::async_awaiter;

    bool begin(awaiter& who, detail::async_woken&) noexcept;
    void leave(awaiter& who) noexcept { waiting_.remove(who); }

    mutable detail::os_mutex mutex_; // guards the fields below
    bool set_;
    detail::async_waiters waiting_;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/coroutine/async_event.ipp>
#endif
