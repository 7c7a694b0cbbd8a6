// SPDX-License-Identifier: MIT
// A condition variable for os_mutex: a word that each notification changes, on which waiters sleep. Called by the
// cluster.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/os_mutex.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>

namespace hocket::inline HOCKET_ABI::detail {

class os_condition {
  public:
    /// Returns once `over()` is true. The mutex is held, except during sleeps; what `over` reads changes only under it.
    template<class Over>
    void wait(std::unique_lock<os_mutex>& held, Over const& over) {
        while (!over()) {
            std::uint32_t const seen = changes_.load(std::memory_order_relaxed);
            held.unlock(); // a notification from here on changes the word
            futex_wait_on(&changes_, seen);
            held.lock();
        }
    }
    /// As `wait`, for at most `time`. Returns what `over()` returned last.
    template<class Over>
    bool wait_for(std::unique_lock<os_mutex>& held, std::chrono::nanoseconds time, Over const& over) {
        auto const until = monotonic_clock::now() + time;
        while (!over()) {
            std::chrono::nanoseconds const left = until - monotonic_clock::now();
            if (left <= left.zero()) return false;
            std::uint32_t const seen = changes_.load(std::memory_order_relaxed);
            held.unlock();
            futex_wait_on_for(&changes_, seen, left.count());
            held.lock();
        }
        return true;
    }
    /// Wakes all waiters. Called after a change under the mutex.
    void notify_all() noexcept {
        changes_.fetch_add(1, std::memory_order_relaxed); // the mutex orders what waiters look at
        futex_wake_all_on(&changes_);
    }

  private:
    atomic<std::uint32_t> changes_{0};
};

} // namespace hocket::detail
