// SPDX-License-Identifier: MIT
// An event that coroutines wait for: async_event. Public.
#pragma once

#include <hocket/coroutine/async_waiters.hpp>

namespace hocket::inline HOCKET_ABI {

/// Lets coroutines (`task`) wait until something has happened: `co_await ready.wait();` goes on once `ready.set()` was
/// called, at once if it was before. `reset` lets the next ones wait again. A coroutine that waits occupies no thread.
///
/// **Threads** any, of any pools. Coroutines that wait for it must have gone on or ended before it is destroyed; one
/// that goes on may destroy it while `set` returns. **Throws** a coroutine whose stop token is requested while it waits
/// gets `operation_cancelled`. **Order** what was done before `set` happens before what waited goes on.
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
    /// What `co_await` takes.
    struct [[nodiscard]] waiting {
        async_event& event;
        awaiter awaiter_in(detail::coroutine_run& run) const noexcept { return awaiter(run, event); }
    };

    /// `co_await event.wait()`, or `co_await event`.
    waiting wait() noexcept { return {*this}; }
    /// For the library.
    awaiter awaiter_in(detail::coroutine_run& run) noexcept { return awaiter(run, *this); }
    [[nodiscard]] bool is_set() const noexcept;
    /// Lets all that wait go on, in the order in which they came. **Blocks** never.
    void set() noexcept;
    void reset() noexcept;

  private:
    template<class Object, class Derived>
    friend class detail::async_awaiter;

    bool begin(awaiter& who, detail::async_woken&) noexcept;
    void leave(awaiter& who) noexcept { waiting_.remove(who); }

    mutable detail::os_mutex mutex_; // guards the rest
    bool set_;
    detail::async_waiters waiting_;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/coroutine/async_event.ipp>
#endif
