// SPDX-License-Identifier: MIT
// What differs between compilers and processors, floor 0: the only header of the library with conditional compilation
// that is not a port of an operating system call. Everyone includes it.
#pragma once

#define HOCKET_ALWAYS_INLINE [[gnu::always_inline]] inline
#define HOCKET_COLD [[gnu::noinline, gnu::cold]]
#define HOCKET_NOINLINE [[gnu::noinline]]
#define HOCKET_INLINE_LAMBDA __attribute__((always_inline))

// A function that is seldom called, from functions that are not to be taken for cold because they call it: g++ optimises a
// function for size, and all that is inlined into it, when each path through it comes to a cold call, however deep.
#if defined(__clang__)
#define HOCKET_SEALED [[gnu::noinline]]
#else
#define HOCKET_SEALED [[gnu::noipa]]
#endif

namespace hocket::detail {

/// Two lines of 64 bytes: the adjacent-line prefetcher of x86 and the lines of some ARM cores pair them.
inline constexpr unsigned cache_line = 128;

/// Orders every earlier store before every later load (StoreLoad). Written out because a fence of the standard library
/// becomes the slower `mfence` under clang, and ThreadSanitizer refuses to see it; so that is only the fallback for processors that
/// the library has no instruction for. Code of the runtime calls it through the seam in base/atomics.hpp.
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

/// Whether AddressSanitizer or ThreadSanitizer watches.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// Tells the core that it spins.
HOCKET_ALWAYS_INLINE void spin_hint() noexcept {
#if defined(__x86_64__)
    asm volatile("pause");
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

/// Brings a line into this core's cache, ready to be written: one transfer where a load and then a store take two.
HOCKET_ALWAYS_INLINE void prefetch_for_write(void const* address) noexcept {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(address)));
#else
    __builtin_prefetch(address, 1);
#endif
}

/// Stores a vector of sixteen bytes to a multiple of sixteen without bringing its line into the caches. Other threads may see it
/// behind later stores, until `order_stores_past_caches`.
template<class Vector>
HOCKET_ALWAYS_INLINE void store_past_caches(void* to, Vector value) noexcept {
    static_assert(sizeof(Vector) == 16);
#if defined(__x86_64__)
    if constexpr (!sanitized) { // which would not see it
        asm volatile("movntps %1, %0" : "=m"(*static_cast<char(*)[16]>(to)) : "x"(value));
        return;
    }
#endif
    __builtin_memcpy(to, &value, 16);
}

/// Puts this thread's earlier stores past the caches before its later stores.
HOCKET_ALWAYS_INLINE void order_stores_past_caches() noexcept {
#if defined(__x86_64__)
    asm volatile("sfence" ::: "memory");
#endif
}

/// In a loop: the compiler does not vectorise across its iterations, where each is wide enough by itself.
HOCKET_ALWAYS_INLINE void keep_iterations_apart() noexcept { asm volatile(""); }

/// The address of a constant, computed where it is used: the compiler cannot hoist it into a register that a recursive
/// function then has to save at each call.
template<class T>
HOCKET_ALWAYS_INLINE T const* address_here(T const& object) noexcept {
#if defined(__x86_64__)
    T const* address;
    asm volatile("lea %1, %0" : "=r"(address) : "m"(object));
    return address;
#else
    return &object;
#endif
}

/// The processor's time stamp: constant rate, a few nanoseconds to read.
HOCKET_ALWAYS_INLINE unsigned long long read_cycle_counter() noexcept {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    unsigned long long value;
    asm volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    return 0;
#endif
}

} // namespace hocket::detail
