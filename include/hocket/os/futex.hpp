// SPDX-License-Identifier: MIT
// Puts threads to sleep on a 32-bit word and wakes them: the one file with the operating system's calls for it. Linux:
// futex(2), private to the process. Any thread may call. Code that is model-checked calls it through os/atomics.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Sleeps while `*word == expected`. Returns at a wake-up, at a signal, or at once if the word differs.
inline void futex_wait_on(void const* word, std::uint32_t expected) noexcept {
    HOCKET_SIMULATE(sim::active->sleep_on(word, expected));
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

/// Sleeps while `*word == expected`, for at most `nanoseconds`. Returns at a wake-up, at a signal, or at once if the
/// word differs.
void futex_wait_on_for(void const* word, std::uint32_t expected, long long nanoseconds) noexcept;

/// Sleeps for about that long.
void sleep_for(long long nanoseconds) noexcept;

/// Wakes one thread that sleeps on `word`. The word need not be alive: nothing is read from it.
inline void futex_wake_one_on(void const* word) noexcept {
    HOCKET_SIMULATE(sim::active->wake(word));
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

/// Wakes all threads that sleep on `word`, of which nothing is read.
inline void futex_wake_all_on(void const* word) noexcept {
    constexpr int all = 0x7fffffff;
    HOCKET_SIMULATE(sim::active->wake(word, all));
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, all, nullptr, nullptr, 0);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/futex.ipp>
#endif
