// SPDX-License-Identifier: MIT
// The bodies of the functions that ticks.hpp declares.
#pragma once

#include <hocket/os/ticks.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::uint64_t monotonic_nanoseconds() noexcept {
    HOCKET_SIMULATE(sim::active->clock());
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

HOCKET_COLD HOCKET_INLINE long long process_cpu_nanoseconds() noexcept {
    HOCKET_SIMULATE(static_cast<long long>(sim::active->busy_time()));
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

HOCKET_COLD HOCKET_INLINE long long thread_cpu_nanoseconds() noexcept {
    HOCKET_SIMULATE(static_cast<long long>(sim::active->current().busy));
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

HOCKET_COLD HOCKET_INLINE ticks measure_ticks_per_microsecond() noexcept {
    std::uint64_t const start = monotonic_nanoseconds();
    ticks const first = now_ticks();
    std::uint64_t elapsed = 0;
    while (elapsed < 20'000) elapsed = monotonic_nanoseconds() - start;
    ticks const counted = (now_ticks() - first) * 1000 / elapsed;
    return counted == 0 ? ticks{1} : counted;
}

HOCKET_INLINE ticks ticks_per_microsecond() noexcept {
    HOCKET_SIMULATE(1'000);
    static ticks const rate = measure_ticks_per_microsecond();
    return rate;
}

} // namespace
