// SPDX-License-Identifier: MIT
// The place where a coroutine is suspended, so that a thread that drops its result can end that wait. The proof is in
// README.md of this folder. Callers: coroutine_run.hpp, awaitables.hpp, async_waiters.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/futex.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A wait of a coroutine, in its frame.
struct suspension {
    /// Ends the wait, unless it has ended, so that the coroutine goes on. Several threads may call it. The coroutine
    /// does not go on within the call: it waits for the return of this call.
    void (*end)(suspension& self) noexcept;
};

/// The current wait of one coroutine, if it waits.
template<class Atomics>
class basic_suspension_place {
  public:
    /// Publishes the wait, called by the coroutine while it cannot go on yet. Then the caller checks whether its result
    /// was dropped before.
    void enter(suspension& wait) noexcept {
        now_.store(&wait, std::memory_order_release); // suspension.enter ->
        Atomics::light_fence();
    }
    /// Withdraws the wait, called by the coroutine when it goes on. From here on no other thread touches the wait.
    void leave() noexcept {
        if (now_.load(std::memory_order_relaxed) == nullptr) return;
        now_.store(nullptr, std::memory_order_relaxed);
        Atomics::light_fence();
        if (users_.load(std::memory_order_acquire) != 0) [[unlikely]] // <- suspension.leave
            wait_for_users();
    }
    /// Ends the wait, if there is one. Called by a thread that has dropped the result and keeps the coroutine's memory.
    HOCKET_COLD void end() noexcept {
        users_.fetch_add(1, std::memory_order_relaxed);
        if (Atomics::heavy_fence())                                            // without it the wait may be over unseen
            if (suspension* const wait = now_.load(std::memory_order_acquire)) // <- suspension.enter
                wait->end(*wait);
        users_.fetch_sub(1, std::memory_order_release); // suspension.leave ->
    }

  private:
    HOCKET_COLD void wait_for_users() const noexcept {
        for (unsigned looks = 1; users_.load(std::memory_order_acquire) != 0; ++looks) { // <- suspension.leave
            if (looks % 128 == 0)
                sleep_for(20'000);
            else
                Atomics::pause();
        }
    }

    /// The current wait, or null. Writer: the coroutine. Readers: threads that end the wait.
    typename Atomics::template atomic<suspension*> now_{nullptr};
    /// How many threads may touch the wait. Writers: threads that end the wait. Reader: the coroutine.
    typename Atomics::template atomic<std::uint32_t> users_{0};
};

using suspension_place = basic_suspension_place<std_atomics>;

} // namespace hocket::inline HOCKET_ABI::detail
