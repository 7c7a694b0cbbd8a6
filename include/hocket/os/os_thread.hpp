// SPDX-License-Identifier: MIT
// Threads of the operating system: the one file with the calls that start, join and name them. Not
// std::thread, whose templates each program with a loop would compile.
// Called by the scheduler.
#pragma once

#include <hocket/base/config.hpp>

#include <limits.h>
#include <pthread.h>
#include <signal.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>

namespace hocket::inline HOCKET_ABI::detail {

/// A thread that may have been started, and is joined by whoever started it.
class os_thread {
  public:
    /// How much of a thread's name is shown: Linux keeps 15 characters, and the number comes after it.
    static constexpr std::size_t longest_name = 9;

    /// Runs `body(argument)` in a thread that takes no signals but those of its own faults: all others are for the
    /// program's threads. `stack_size` in bytes, 0: what the system gives. False when the system refuses.
    [[gnu::cold]] bool start(void* (*body)(void*), void* argument, std::size_t stack_size = 0) noexcept;
    bool running() const noexcept { return running_; }

    /// Gives the thread up, to be joined by this object's holder alone.
    os_thread release() noexcept;
    void join() const noexcept { pthread_join(handle_, nullptr); }

  private:
    /// At least what a thread needs, in whole pages.
    static bool set_stack_size(pthread_attr_t& attributes, std::size_t bytes) noexcept;

    pthread_t handle_{};
    bool running_ = false;
};

/// The calling thread is called "name/3" in debuggers and `top`.
[[gnu::cold]] void name_this_thread(char const* name, std::uint32_t number) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/os_thread.ipp>
#endif
