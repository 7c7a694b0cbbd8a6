// SPDX-License-Identifier: MIT
// The bodies of the functions that futex.hpp declares.
#pragma once

#include <hocket/os/futex.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void futex_wait_on_for(void const* word, std::uint32_t expected, long long nanoseconds) noexcept {
    HOCKET_SIMULATE(sim::active->sleep_on(word, expected, nanoseconds > 0 ? static_cast<sim::ns>(nanoseconds) : 0));
    timespec limit{};
    limit.tv_sec = static_cast<time_t>(nanoseconds / 1'000'000'000);
    limit.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, &limit, nullptr, 0);
}

HOCKET_INLINE void sleep_for(long long nanoseconds) noexcept {
    HOCKET_SIMULATE(sim::active->sleep_for(nanoseconds > 0 ? static_cast<sim::ns>(nanoseconds) : 0));
    std::uint32_t const nobody_wakes = 0;
    futex_wait_on_for(&nobody_wakes, 0, nanoseconds);
}

} // namespace
