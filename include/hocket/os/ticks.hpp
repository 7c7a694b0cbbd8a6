// SPDX-License-Identifier: MIT
// Time in ticks of the processor's counter: cheap enough (about 10 ns) to be read around a loop body. The scheduler
// uses it for its rates, and loops for their cost. No result depends on it.
#pragma once

#include <hocket/base/config.hpp>

#include <time.h>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

using ticks = std::uint64_t;

std::uint64_t monotonic_nanoseconds() noexcept;

inline ticks now_ticks() noexcept { return read_cycle_counter(); }

/// Returns how much CPU time all threads of this process have used.
[[gnu::cold]] long long process_cpu_nanoseconds() noexcept;

/// Returns the processor time of the calling thread so far. **Cost** a system call.
[[gnu::cold]] long long thread_cpu_nanoseconds() noexcept;

/// Counts the ticks of 20 us of the monotonic clock.
[[gnu::cold]] ticks measure_ticks_per_microsecond() noexcept;

/// Returns the ticks in a microsecond, at least one. Measured at the first call.
ticks ticks_per_microsecond() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/ticks.ipp>
#endif
