// SPDX-License-Identifier: MIT
// The seam between the protocols and the machine: the atomics, the full fence and the futex. The queues, the sleep
// protocol, the latch, the range word, streams and futures take them as a template argument, so that the model checker
// in tests/model can put its own in their place.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/light_fence.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

struct std_atomics {
    template<class T>
    using atomic = detail::atomic<T>;

    static void full_fence() noexcept { detail::full_fence(); }
    static void full_fence_after_update() noexcept { detail::full_fence_after_update(); }
    HOCKET_ALWAYS_INLINE static void light_fence() noexcept { detail::light_fence(); }
    HOCKET_ALWAYS_INLINE static void compiler_fence() noexcept { detail::compiler_fence(); }
    static bool heavy_fence() noexcept { return detail::heavy_fence(); }
    static void pause() noexcept { spin_hint(); }
    static void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
        futex_wait_on(&word, expected);
    }
    static void futex_wait_for(atomic<std::uint32_t>& word, std::uint32_t expected, long long nanoseconds) noexcept {
        futex_wait_on_for(&word, expected, nanoseconds);
    }
    static void futex_wake_one(atomic<std::uint32_t>& word) noexcept { futex_wake_one_on(&word); }
};

} // namespace hocket::detail
