// SPDX-License-Identifier: MIT
// Threads of the operating system, floor machine: the one file with the calls that start, join and name them. Not
// std::thread, whose templates each program with a loop would compile.
// Called by the scheduler.
#pragma once

#include <hocket/base/config.hpp>

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace hocket::detail {

/// A thread that may have been started, and is joined by whoever started it.
class os_thread {
  public:
    /// How much of a thread's name is shown: Linux keeps 15 characters, and the number comes after it.
    static constexpr std::size_t longest_name = 9;

    /// Runs `body(argument)`. False when the system refuses.
    HOCKET_COLD bool start(void* (*body)(void*), void* argument) noexcept {
        running_ = pthread_create(&handle_, nullptr, body, argument) == 0;
        return running_;
    }
    bool running() const noexcept { return running_; }

    /// Gives the thread up, to be joined by this object's holder alone.
    os_thread release() noexcept {
        os_thread const released = *this;
        running_ = false;
        return released;
    }
    void join() const noexcept { pthread_join(handle_, nullptr); }

  private:
    pthread_t handle_{};
    bool running_ = false;
};

/// The calling thread is called "name/3" in debuggers and `top`.
HOCKET_COLD inline void name_this_thread(char const* name, std::uint32_t number) noexcept {
    char text[16];
    std::snprintf(text, sizeof text, "%.*s/%u", static_cast<int>(os_thread::longest_name),
                  *name == '\0' ? "hocket" : name, number);
    pthread_setname_np(pthread_self(), text);
}

} // namespace hocket::detail
