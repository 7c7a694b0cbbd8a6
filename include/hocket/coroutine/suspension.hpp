// SPDX-License-Identifier: MIT
// Where a coroutine is suspended: a thread that gives up the result of the coroutine ends that wait. The argument is in
// README.md of this folder. Callers: coroutine_run.hpp, awaitables.hpp, async_waiters.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A wait of a coroutine. It lies in the frame.
struct suspension {
    /// Ends the wait, unless it has ended: the coroutine goes on. May be called by several threads.
    void (*end)(suspension& self) noexcept;
};

/// The wait of one coroutine, if it waits.
class suspension_place {
  public:
    /// By the coroutine, while it cannot go on yet. Afterwards the caller looks whether the result was given up before.
    void enter(suspension& wait) noexcept {
        now_.store(&wait, std::memory_order_release); // suspension.enter ->
        std_atomics::light_fence();
    }
    /// By the coroutine, when it goes on: from here on no other thread touches the wait.
    void leave() noexcept {
        if (now_.load(std::memory_order_relaxed) == nullptr) return;
        now_.store(nullptr, std::memory_order_relaxed);
        std_atomics::light_fence();
        if (users_.load(std::memory_order_acquire) != 0) [[unlikely]] // <- suspension.leave
            wait_for_users();
    }
    /// By a thread that has given up the result and keeps the coroutine's memory: ends the wait, if there is one.
    [[gnu::cold]] void end() noexcept;

  private:
    [[gnu::cold]] void wait_for_users() const noexcept;

    /// Writer: the coroutine. Readers: threads that end the wait.
    std::atomic<suspension*> now_{nullptr};
    /// Writers: threads that end the wait, each for as long as it may touch that. Reader: the coroutine.
    std::atomic<std::uint32_t> users_{0};
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/coroutine/suspension.ipp>
#endif
