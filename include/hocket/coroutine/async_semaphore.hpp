// SPDX-License-Identifier: MIT
// Semaphores and mutexes for coroutines: async_semaphore, async_mutex, async_lock. Public.
#pragma once

#include <hocket/coroutine/async_waiters.hpp>

#include <cstddef>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// A number of permits that coroutines (`task`) take and give back:
/// `co_await permits.acquire(); ...; permits.release();`. A waiting coroutine occupies no thread. Permits are granted
/// in the order in which they were requested.
///
/// **Threads** any, of any pools. Waiting coroutines must have gone on or ended before the semaphore is destroyed.
/// **Throws** `operation_cancelled` in a coroutine whose stop token is requested while it waits. **Order** effects
/// before `release` happen before the work under the permit. **Cost** a mutex, held for some instructions.
class async_semaphore {
  public:
    explicit async_semaphore(std::size_t permits) noexcept : free_(permits) {}
    async_semaphore(async_semaphore const&) = delete;
    async_semaphore& operator=(async_semaphore const&) = delete;

    class awaiter : public detail::async_awaiter<async_semaphore, awaiter> {
      public:
        using detail::async_awaiter<async_semaphore, awaiter>::async_awaiter;
        void await_resume() { finish(); }
    };
    /// The awaitable of `acquire`.
    struct [[nodiscard]] acquisition {
        async_semaphore& from;
        awaiter awaiter_in(detail::coroutine_run& run) const noexcept { return awaiter(run, from); }
    };

    /// `co_await permits.acquire()` takes a permit, and waits until there is one.
    acquisition acquire() noexcept { return {*this}; }
    /// Takes a permit if there is one and no coroutine waits. **Blocks** never.
    [[nodiscard]] bool try_acquire() noexcept;
    /// Gives `permits` permits back, or adds them. **Blocks** never.
    void release(std::size_t permits = 1) noexcept;

  private:
    template<class Object, class Derived>
    friend class detail::async_awaiter;

    bool take() noexcept;
    bool begin(awaiter& who, detail::async_woken&) noexcept;
    void leave(awaiter& who) noexcept { waiting_.remove(who); }

    detail::os_mutex mutex_; // guards the fields below
    std::size_t free_;       // 0 while a coroutine waits
    detail::async_waiters waiting_;
};

class async_mutex;

/// Holds an async_mutex while it lives.
class [[nodiscard]] async_lock {
  public:
    async_lock() noexcept = default;
    async_lock(async_lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    async_lock& operator=(async_lock other) noexcept;
    ~async_lock() { unlock(); }

    /// Returns whether it holds a mutex.
    explicit operator bool() const noexcept { return mutex_ != nullptr; }
    /// Unlocks the mutex before the end of the scope.
    void unlock() noexcept {
        if (mutex_ != nullptr) std::exchange(mutex_, nullptr)->release();
    }

  private:
    friend class async_mutex;
    explicit async_lock(async_semaphore* mutex) noexcept : mutex_(mutex) {}

    async_semaphore* mutex_ = nullptr;
};

/// A mutex for coroutines, which may be held across a `co_await`: `async_lock const lock = co_await mutex.lock();`.
/// Coroutines get it in the order in which they ask.
///
/// **Threads**, **Throws**, **Order** and **Cost** as async_semaphore.
class async_mutex {
  public:
    class awaiter : public async_semaphore::awaiter {
      public:
        using async_semaphore::awaiter::awaiter;
        async_lock await_resume();
    };
    /// The awaitable of `lock`.
    struct [[nodiscard]] acquisition {
        async_semaphore& from;
        awaiter awaiter_in(detail::coroutine_run& run) const noexcept { return awaiter(run, from); }
    };

    /// `co_await mutex.lock()` returns an async_lock once the mutex is free.
    acquisition lock() noexcept { return {one_}; }
    /// Returns a lock, which holds the mutex if it was free. **Blocks** never.
    async_lock try_lock() noexcept { return async_lock(one_.try_acquire() ? &one_ : nullptr); }
    /// Says what unlocks it.
    template<class... Args>
    auto unlock(Args&&...) {
        static_assert(detail::never<Args...>,
                      "hocket: the lock of an async_mutex unlocks it: async_lock const lock = co_await mutex.lock(); a "
                      "std::lock_guard cannot wait for it");
    }

  private:
    async_semaphore one_{1};
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/coroutine/async_semaphore.ipp>
#endif
