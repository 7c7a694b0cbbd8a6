// SPDX-License-Identifier: MIT
// A signal that wakes a thread: the one file with the operating system's calls for signal handlers. Linux: sigaction,
// futex. Caller: pool/pool_dump.ipp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Counts the signals for which `count_signal` was called. A thread may sleep on it (`os/futex.hpp`).
inline constinit atomic<std::uint32_t> signals_counted{0};

/// From now on each signal of this number is counted, and wakes a thread that sleeps on the count. The handler before
/// is replaced. Returns false if the system refuses.
[[gnu::cold]] bool count_signal(int number) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/signal_word.ipp>
#endif
