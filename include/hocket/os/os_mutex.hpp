// SPDX-License-Identifier: MIT
// The mutex of the operating system. std::mutex would bring the clocks of the standard library into each program with a
// loop. Called by the scheduler and by the code that collects the errors of a loop. A thread that holds it never waits
// for another thread.
#pragma once

#include <hocket/base/config.hpp>

#include <pthread.h>
#if defined(HOCKET_SIMULATED)
#include <hocket/sim/simulated_mutex.hpp>
#endif

namespace hocket::inline HOCKET_ABI::detail {

#if defined(HOCKET_SIMULATED)
using os_mutex = sim::mutex;
#else
class os_mutex {
  public:
    constexpr os_mutex() noexcept = default;
    os_mutex(os_mutex const&) = delete;
    os_mutex& operator=(os_mutex const&) = delete;

    void lock() noexcept { pthread_mutex_lock(&mutex_); }
    bool try_lock() noexcept { return pthread_mutex_trylock(&mutex_) == 0; }
    void unlock() noexcept { pthread_mutex_unlock(&mutex_); }

  private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};
#endif

/// Holds a mutex while it lives.
class os_lock {
  public:
    explicit os_lock(os_mutex& mutex) noexcept : mutex_(mutex) { mutex_.lock(); }
    ~os_lock() { mutex_.unlock(); }
    os_lock(os_lock const&) = delete;
    os_lock& operator=(os_lock const&) = delete;

  private:
    os_mutex& mutex_;
};

} // namespace hocket::detail
