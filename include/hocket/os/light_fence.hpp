// SPDX-License-Identifier: MIT
// Fences that stand alone: a full fence, and an asymmetric fence whose light side costs nothing, with the operating
// system's call for it, membarrier(2). Called through the seam in os/atomics.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace hocket::inline HOCKET_ABI::detail {

/// Orders every earlier store before every later load (StoreLoad). Written out for two reasons: under clang a fence of
/// the standard library becomes the slower `mfence`, and ThreadSanitizer refuses to see it. So that fence is only the
/// fallback for processors without an instruction here.
HOCKET_ALWAYS_INLINE void full_fence() noexcept {
    HOCKET_SIMULATE(sim::active->full_fence());
#if defined(__x86_64__)
    asm volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
#elif defined(__aarch64__)
    asm volatile("dmb ish" ::: "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/// Orders earlier stores before later loads directly after a read-modify-write, which on x86 does so by itself.
HOCKET_ALWAYS_INLINE void full_fence_after_update() noexcept {
    HOCKET_SIMULATE(void()); // an update of the simulated machine is a full fence
#if defined(__x86_64__)
    asm volatile("" ::: "memory");
#else
    full_fence();
#endif
}

/// Whether the light side needs no instruction. Once true, it stays true. Writers: `prepare_heavy_fence`,
/// `expect_heavy_fences`. Readers: all threads.
inline constinit atomic<bool> fences_are_asymmetric{false};

/// The side of the asymmetric fence that runs often, where the other side is passed only while
/// `fences_are_asymmetric`. Orders the compiler alone.
HOCKET_ALWAYS_INLINE void compiler_fence() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst); // light_fence.side ->
}

/// The side of the asymmetric fence that runs often.
HOCKET_ALWAYS_INLINE void light_fence() noexcept {
    if (fences_are_asymmetric.load(std::memory_order_relaxed)) [[likely]]
        compiler_fence();
    else
        full_fence();
}

bool process_has_one_thread() noexcept;

/// Asks the system for the asymmetric form. Takes some milliseconds in a process with threads. Old systems and some
/// sandboxes refuse: then both sides are full fences.
[[gnu::cold]] void prepare_heavy_fence() noexcept;

/// Decides, before any thread uses either side, whether the light side needs no instruction: it needs none if the
/// system knows the call at all. Registers the process only while it has one thread, which takes no time. Otherwise the
/// first heavy fence registers it.
[[gnu::cold]] void expect_heavy_fences() noexcept;

/// The side of the asymmetric fence that runs seldom; takes microseconds. Returns false if there was no fence, because
/// the system suddenly refuses.
[[gnu::cold]] bool heavy_fence() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/light_fence.ipp>
#endif
