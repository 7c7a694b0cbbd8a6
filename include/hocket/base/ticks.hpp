// SPDX-License-Identifier: MIT
// Time in ticks of the processor's counter, floor 0: cheap enough (about 10 ns) to be read around a loop body.
// Used by the scheduler for its rates and by loops for their cost; never for anything that a result depends on.
#pragma once

#include <hocket/base/config.hpp>

#include <time.h>

#include <cstdint>

namespace hocket::detail {

using ticks = std::uint64_t;

inline std::uint64_t monotonic_nanoseconds() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

inline ticks now_ticks() noexcept { return read_cycle_counter(); }

/// Counts for 20 us of the monotonic clock.
HOCKET_COLD inline ticks measure_ticks_per_microsecond() noexcept {
    std::uint64_t const start = monotonic_nanoseconds();
    ticks const first = now_ticks();
    std::uint64_t elapsed = 0;
    while (elapsed < 20'000) elapsed = monotonic_nanoseconds() - start;
    ticks const counted = (now_ticks() - first) * 1000 / elapsed;
    return counted == 0 ? ticks{1} : counted;
}

/// Ticks in a microsecond, at least one; measured at the first call.
inline ticks ticks_per_microsecond() noexcept {
    static ticks const rate = measure_ticks_per_microsecond();
    return rate;
}

} // namespace hocket::detail
