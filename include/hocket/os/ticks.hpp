// SPDX-License-Identifier: MIT
// Time in ticks of the processor's counter: cheap enough (about 10 ns) to be read around a loop body.
// Used by the scheduler for its rates and by loops for their cost; never for anything that a result depends on.
#pragma once

#include <hocket/base/config.hpp>

#include <time.h>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

using ticks = std::uint64_t;

std::uint64_t monotonic_nanoseconds() noexcept;

inline ticks now_ticks() noexcept { return read_cycle_counter(); }

/// How much time all threads of this process have used so far.
[[gnu::cold]] long long process_cpu_nanoseconds() noexcept;

/// Counts for 20 us of the monotonic clock.
[[gnu::cold]] ticks measure_ticks_per_microsecond() noexcept;

/// Ticks in a microsecond, at least one; measured at the first call.
ticks ticks_per_microsecond() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/ticks.ipp>
#endif
