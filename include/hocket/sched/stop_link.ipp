// SPDX-License-Identifier: MIT
// The bodies of the functions that stop_link.hpp declares.
#pragma once

#include <hocket/os/atomics.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/use_counts.hpp>
#include <hocket/sched/stop_link.hpp>

namespace hocket::inline HOCKET_ABI::detail {

using walk_counts = basic_use_counts<std_atomics>;
inline constinit walk_counts stop_walks;

HOCKET_INLINE void stop_walk::begin() noexcept {
    at_ = walk_counts::place_of(this);
    stop_walks.begin(at_);
}

HOCKET_INLINE void stop_walk::end() noexcept { stop_walks.end(at_); }

HOCKET_COLD HOCKET_INLINE void stop_walk::wait_for_others() noexcept {
    walk_counts::prepare_to_end();
    for (std::size_t at = 0; at < walk_counts::places; ++at)
        for (unsigned looks = 1; stop_walks.used_by_others(at, 0); ++looks) {
            if (looks % 64 == 0)
                sleep_for(50'000);
            else
                spin_hint();
        }
}

} // namespace
