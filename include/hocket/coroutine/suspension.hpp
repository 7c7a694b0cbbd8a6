// SPDX-License-Identifier: MIT
// The place where a coroutine is suspended, so that a thread that drops its result can end that wait. The proof is in
// README.md of this folder. Callers: coroutine_run.hpp, awaitables.hpp, async_waiters.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A wait of a coroutine, in its frame.
struct suspension {
    /// Ends the wait, unless it has ended, so that the coroutine goes on. Several threads may call it.
    void (*end)(suspension& self) noexcept;
};

/// The current wait of one coroutine, if it waits.
class suspension_place {
  public:
    /// Publishes the wait, called by the coroutine while it cannot go on yet. Then the caller checks whether its result
    /// was dropped before.
    void enter(suspension& wait) noexcept {
        now_.store(&wait, std::memory_order_release); // suspension.enter ->
        std_atomics::light_fence();
    }
    /// Withdraws the wait, called by the coroutine when it goes on. From here on no other thread touches the wait.
    void leave() noexcept {
        if (now_.load(std::memory_order_relaxed) == nullptr) return;
        now_.store(nullptr, std::memory_order_relaxed);
        std_atomics::light_fence();
        if (users_.load(std::memory_order_acquire) != 0) [[unlikely]] // <- suspension.leave
            wait_for_users();
    }
    /// Ends the wait, if there is one. Called by a thread that has dropped the result and keeps the coroutine's memory.
    [[gnu::cold]] void end() noexcept;

  private:
    [[gnu::cold]] void wait_for_users() const noexcept;

    /// The current wait, or null. Writer: the coroutine. Readers: threads that end the wait.
    std::atomic<suspension*> now_{nullptr};
    /// How many threads may touch the wait. Writers: threads that end the wait. Reader: the coroutine.
    std::atomic<std::uint32_t> users_{0};
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/coroutine/suspension.ipp>
#endif
