// SPDX-License-Identifier: MIT
// The bodies of the functions that light_fence.hpp declares.
#pragma once

#include <hocket/os/light_fence.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE bool process_has_one_thread() noexcept {
#if __has_include(<sys/single_threaded.h>)
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

HOCKET_COLD HOCKET_INLINE void prepare_heavy_fence() noexcept {
    constexpr int register_private_expedited = 1 << 4;
    if (syscall(SYS_membarrier, register_private_expedited, 0, 0) == 0)
        fences_are_asymmetric.store(true, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE void expect_heavy_fences() noexcept {
    constexpr int query = 0;
    constexpr long both = 1 << 3 | 1 << 4;
    if (process_has_one_thread()) return prepare_heavy_fence();
    static bool const known = [] {
        long const commands = syscall(SYS_membarrier, query, 0, 0);
        return commands > 0 && (commands & both) == both;
    }();
    if (known) fences_are_asymmetric.store(true, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE bool heavy_fence() noexcept {
    HOCKET_SIMULATE(sim::active->heavy_fence(), true);
    constexpr int private_expedited = 1 << 3;
    full_fence();
    if (syscall(SYS_membarrier, private_expedited, 0, 0) == 0) return true; // <- light_fence.side
    if (!fences_are_asymmetric.load(std::memory_order_relaxed)) return true;
    prepare_heavy_fence();
    return syscall(SYS_membarrier, private_expedited, 0, 0) == 0; // <- light_fence.side
}

} // namespace
