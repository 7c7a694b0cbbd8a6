// SPDX-License-Identifier: MIT
// The one clock of deadlines and timers: the time points of std::chrono::steady_clock.
#pragma once

#include <hocket/base/config.hpp>

#include <chrono>

namespace hocket::inline HOCKET_ABI::detail {

struct monotonic_clock : std::chrono::steady_clock {
    static time_point now() noexcept {
        HOCKET_SIMULATE(time_point(duration(sim::active->clock())));
        return std::chrono::steady_clock::now();
    }
};

} // namespace hocket::detail
