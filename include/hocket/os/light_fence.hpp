// SPDX-License-Identifier: MIT
// The free-standing fences: a full one, and one of which one side costs nothing, with the call of the operating system
// for it, membarrier(2). Called through the seam in os/atomics.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace hocket::inline HOCKET_ABI::detail {

/// Orders every earlier store before every later load (StoreLoad). Written out because a fence of the standard library
/// becomes the slower `mfence` under clang, and ThreadSanitizer refuses to see it; so that is only the fallback for
/// processors that the library has no instruction for.
HOCKET_ALWAYS_INLINE void full_fence() noexcept {
#if defined(__x86_64__)
    asm volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
#elif defined(__aarch64__)
    asm volatile("dmb ish" ::: "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/// The same directly after a read-modify-write, which on x86 orders as much by itself.
HOCKET_ALWAYS_INLINE void full_fence_after_update() noexcept {
#if defined(__x86_64__)
    asm volatile("" ::: "memory");
#else
    full_fence();
#endif
}

/// Writers: `prepare_heavy_fence`, `expect_heavy_fences`. Readers: everyone. Whether the light side needs no
/// instruction. Once true, it stays so.
inline constinit std::atomic<bool> fences_are_asymmetric{false};

/// The side that runs often.
HOCKET_ALWAYS_INLINE void light_fence() noexcept {
    if (fences_are_asymmetric.load(std::memory_order_relaxed)) [[likely]]
        std::atomic_signal_fence(std::memory_order_seq_cst);
    else
        full_fence();
}

bool process_has_one_thread() noexcept;

/// Asks the system for the asymmetric form. Takes some milliseconds in a process with threads; refused by old systems
/// and some sandboxes: then both sides are full fences.
[[gnu::cold]] void prepare_heavy_fence() noexcept;

/// Called before there are threads that use either side: the light side needs no instruction if the system knows the
/// call at all. Registers the process only while it has one thread, which takes no time; otherwise the first heavy
/// fence does.
[[gnu::cold]] void expect_heavy_fences() noexcept;

/// The side that runs seldom: microseconds. False if there was no fence, as the system refuses all of a sudden.
[[gnu::cold]] bool heavy_fence() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/light_fence.ipp>
#endif
