// SPDX-License-Identifier: MIT
// The bodies of the functions that suspension.hpp declares.
#pragma once

#include <hocket/coroutine/suspension.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/futex.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void suspension_place::end() noexcept {
    users_.fetch_add(1, std::memory_order_relaxed);
    if (std_atomics::heavy_fence())                                        // without the fence the wait may be over
                                                                           // unseen
        if (suspension* const wait = now_.load(std::memory_order_acquire)) // <- suspension.enter
            wait->end(*wait);
    users_.fetch_sub(1, std::memory_order_release); // suspension.leave ->
}

HOCKET_COLD HOCKET_INLINE void suspension_place::wait_for_users() const noexcept {
    for (unsigned looks = 1; users_.load(std::memory_order_acquire) != 0; ++looks) { // <- suspension.leave
        if (looks % 128 == 0)
            sleep_for(20'000);
        else
            std_atomics::pause();
    }
}

} // namespace hocket::inline HOCKET_ABI::detail
