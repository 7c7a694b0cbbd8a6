// SPDX-License-Identifier: MIT
// A mutex whose waiters sleep on the simulated machine, as the C library makes one: a word and a futex; and a condition
// variable. Called by os/os_mutex.hpp and base/own_stop_token.hpp, and by programs under test.
#pragma once

#include <hocket/sim/simulated_atomic.hpp>

#include <sched.h>

#include <cstdint>

namespace hocket::sim {

class mutex {
  public:
    constexpr mutex() noexcept = default;
    mutex(mutex const&) = delete;
    mutex& operator=(mutex const&) = delete;

    void lock() noexcept {
        if (try_lock()) return;
        while (state_.exchange(contended, std::memory_order_acquire) != free_now) // <- sim_mutex.free
            if (active != nullptr)
                active->sleep_on(&state_, contended);
            else if (!host_thread::pause())
                sched_yield();
    }
    bool try_lock() noexcept {
        std::uint32_t expected = free_now;
        return state_.compare_exchange_strong(expected, taken, std::memory_order_acquire); // <- sim_mutex.free
    }
    void unlock() noexcept {
        std::uint32_t const was = state_.exchange(free_now, std::memory_order_release); // sim_mutex.free ->
        if (was == contended && active != nullptr) active->wake(&state_);
    }

  private:
    static constexpr std::uint32_t free_now = 0;
    static constexpr std::uint32_t taken = 1;
    static constexpr std::uint32_t contended = 2; // a thread sleeps, or is about to
    atomic<std::uint32_t> state_{free_now};
};

/// A condition variable for `mutex`.
class condition {
  public:
    /// Waits until `holds()` is true; `lock` holds the mutex whenever it is called.
    template<class Lock, class Holds>
    void wait(Lock& lock, Holds const& holds) noexcept {
        while (!holds()) {
            std::uint32_t const before = calls_.load(std::memory_order_relaxed);
            lock.unlock();
            if (active != nullptr)
                active->sleep_on(&calls_, before);
            else
                sched_yield();
            lock.lock();
        }
    }
    void notify_all() noexcept {
        calls_.fetch_add(1, std::memory_order_relaxed);
        if (active != nullptr) active->wake(&calls_, ~0U);
    }

  private:
    atomic<std::uint32_t> calls_{0}; // of notify_all
};

} // namespace hocket::sim
