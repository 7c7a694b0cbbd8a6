// SPDX-License-Identifier: MIT
// Threads of the operating system: the one file with the calls that start, join and name them. The templates of
// std::thread would be compiled into each program with a loop. Called by the scheduler.
#pragma once

#include <hocket/base/config.hpp>

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>

namespace hocket::inline HOCKET_ABI::detail {

/// A thread that may have been started. Its starter joins it.
class os_thread {
  public:
    /// The number of characters of a thread's name that are shown: Linux keeps 15, and the number comes after the name.
    static constexpr std::size_t longest_name = 9;

    /// Runs `body(argument)` in a thread that takes no signals but those of its own faults: all others are for the
    /// program's threads. `stack_size` is in bytes, 0 for the system's default. Returns false if the system refuses.
    [[gnu::cold]] bool start(void* (*body)(void*), void* argument, std::size_t stack_size = 0) noexcept;
    bool running() const noexcept { return running_; }
    /// The processor time that the thread has used. 0 if it has ended.
    [[gnu::cold]] long long cpu_nanoseconds() const noexcept;

    /// Releases the thread to the returned object, which alone may join it.
    os_thread release() noexcept;
    void join() const noexcept {
#if defined(HOCKET_SIMULATED)
        if (simulated_ != nullptr) return sim::active->join(*simulated_);
#endif
        pthread_join(handle_, nullptr);
    }

  private:
    /// Sets a stack size that is at least what a thread needs, in whole pages.
    static bool set_stack_size(pthread_attr_t& attributes, std::size_t bytes) noexcept;

    pthread_t handle_{};
    bool running_ = false;
#if defined(HOCKET_SIMULATED)
    sim::machine_thread* simulated_ = nullptr;
#endif
};

/// Names the calling thread "name/3" for debuggers and `top`.
[[gnu::cold]] void name_this_thread(char const* name, std::uint32_t number) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/os_thread.ipp>
#endif
