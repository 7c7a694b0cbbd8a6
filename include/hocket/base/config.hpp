// SPDX-License-Identifier: MIT
// The differences between compilers and processors. Apart from ports of operating system calls, no other header has
// conditional compilation. Every header includes it.
#pragma once

// The first lines of the library that a compiler sees, and the last ones where the check fails.
#if __cplusplus < 202002L
#error "hocket needs C++20: add -std=c++20 (in CMake: target_compile_features(your_target PRIVATE cxx_std_20))"
#include <hocket needs C++20> // stops the compilation: thousands of errors would follow
#endif

#define HOCKET_ALWAYS_INLINE [[gnu::always_inline]] inline
#define HOCKET_COLD [[gnu::noinline, gnu::cold]]
#define HOCKET_NOINLINE [[gnu::noinline]]
#define HOCKET_INLINE_LAMBDA __attribute__((always_inline))
#define HOCKET_DROPPED_FUTURE "the future is discarded: keep it, or use spawn(f) for a task that nothing waits for"

// Places the bodies of the functions in *.ipp files. Header-only, the default: inline, in each file of the program.
// With HOCKET_COMPILED: in the one file that defines HOCKET_SOURCE, such as the file of CMake's target
// hocket::compiled. The linker sees different names for the two forms, and for those of programs for a simulated
// machine (HOCKET_SIMULATED, see sim.hpp), so that a program that mixes them does not link.
#if defined(HOCKET_SIMULATED)
#define HOCKET_ABI_OF(form) form##_simulated
#else
#define HOCKET_ABI_OF(form) form
#endif
#if defined(HOCKET_SOURCE)
#define HOCKET_BODIES 1
#define HOCKET_INLINE
#define HOCKET_ABI HOCKET_ABI_OF(v1_compiled)
#elif defined(HOCKET_COMPILED)
#define HOCKET_BODIES 0
#define HOCKET_INLINE
#define HOCKET_ABI HOCKET_ABI_OF(v1_compiled)
#else
#define HOCKET_BODIES 1
#define HOCKET_INLINE inline
#define HOCKET_ABI HOCKET_ABI_OF(v1)
#endif

// Ports of the processor and of the operating system say what they do on a simulated machine: there the function
// returns the argument. In other programs it is nothing.
#if defined(HOCKET_SIMULATED)
#include <hocket/sim/simulated_machine.hpp>
#define HOCKET_SIMULATE(...)                                                                                           \
    if (::hocket::sim::running()) return __VA_ARGS__
#else
#define HOCKET_SIMULATE(...) static_cast<void>(0)
#endif

// Marks a function that is seldom called, without making its callers cold. g++ optimises a function for size, with all
// that is inlined into it, when each path through it reaches a cold call, however deep.
#if defined(__clang__)
#define HOCKET_SEALED [[gnu::noinline]]
#else
#define HOCKET_SEALED [[gnu::noipa]]
#endif

namespace hocket::inline HOCKET_ABI::detail {

/// Is false, but only once a template is instantiated: for a `static_assert` sentence.
template<class...>
inline constexpr bool never = false;

/// The distance that keeps two objects from sharing lines: two lines of 64 bytes, because the adjacent-line prefetcher
/// of x86 and the lines of some ARM cores pair them.
inline constexpr unsigned cache_line = 128;

/// Whether AddressSanitizer or ThreadSanitizer is active.
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

/// Whether a pointer to a virtual member function is marked in its second word, as on ARM, and not in its first word.
#if defined(__aarch64__) || defined(__arm__)
inline constexpr bool virtual_bit_is_second = true;
#else
inline constexpr bool virtual_bit_is_second = false;
#endif

/// Tells the core that it spins.
HOCKET_ALWAYS_INLINE void spin_hint() noexcept {
    HOCKET_SIMULATE(sim::active->pause());
#if defined(__x86_64__)
    asm volatile("pause");
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

/// Brings a line into this core's cache, ready to be written: one transfer, where a load and then a store take two.
HOCKET_ALWAYS_INLINE void prefetch_for_write(void const* address) noexcept {
    HOCKET_SIMULATE(sim::active->prefetch_for_write(address));
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(address)));
#else
    __builtin_prefetch(address, 1);
#endif
}

/// Stores a vector of sixteen bytes to a multiple of sixteen without bringing its line into the caches. Other threads
/// may see it behind later stores, until `order_stores_past_caches`.
template<class Vector>
HOCKET_ALWAYS_INLINE void store_past_caches(void* to, Vector value) noexcept {
    static_assert(sizeof(Vector) == 16);
#if defined(__x86_64__)
    if constexpr (!sanitized) { // the sanitizer would not see it
        asm volatile("movntps %1, %0" : "=m"(*static_cast<char(*)[16]>(to)) : "x"(value));
        return;
    }
#endif
    __builtin_memcpy(to, &value, 16);
}

/// Orders this thread's earlier stores past the caches before its later stores.
HOCKET_ALWAYS_INLINE void order_stores_past_caches() noexcept {
#if defined(__x86_64__)
    asm volatile("sfence" ::: "memory");
#endif
}

/// Marks a loop that the compiler is not to vectorise across iterations, because each iteration is wide enough by
/// itself.
HOCKET_ALWAYS_INLINE void keep_iterations_apart() noexcept { asm volatile(""); }

/// Returns the address of a constant, computed at the place of use. The compiler cannot hoist it into a register, which
/// a recursive function would have to save at each call.
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

/// Whether `abi::__cxa_get_globals` points to the structure of the Itanium C++ ABI; 32-bit ARM differs.
#if defined(__x86_64__) || defined(__aarch64__)
inline constexpr bool has_itanium_exceptions = true;
#else
inline constexpr bool has_itanium_exceptions = false;
#endif

/// Whether `is_usual_fp_control` works here. clang assembles its instructions only in programs for AVX-512.
HOCKET_ALWAYS_INLINE bool can_try_fp_control() noexcept {
#if defined(__x86_64__) && defined(__AVX512F__)
    return true;
#elif defined(__x86_64__) && !defined(__clang__)
    return __builtin_cpu_supports("avx512f");               // false before the first constructors run
#else
    return false;
#endif
}

/// Whether `is_usual_fp_control` is also quicker here than to read the control register of vectors. Zen 5 takes 5 ns to
/// read it. Cores of Intel take less than a nanosecond, but 45 ns for an operation whose result is a denormal.
HOCKET_ALWAYS_INLINE bool should_try_fp_control() noexcept {
#if defined(__znver3__) || defined(__znver4__) || defined(__znver5__)
    return can_try_fp_control(); // a program for such a processor
#elif defined(__x86_64__)
    return __builtin_cpu_is("amd") && can_try_fp_control(); // false before the first constructors run
#else
    return false;
#endif
}

/// Whether the calling thread rounds to the nearest number, keeps denormals, and has the x87 control word with which
/// programs start. Finds that out by three operations that depend on it, without a read of the control register of
/// vectors. The operations raise no exception and no flag. Does not see which exceptions of vectors are
/// masked: the functions of <cfenv> change these masks along with the x87 control word. **Cost** 0.7 ns on Zen 5.
HOCKET_ALWAYS_INLINE bool is_usual_fp_control() noexcept {
#if defined(__x86_64__) && (defined(__AVX512F__) || !defined(__clang__))
    using floats = float __attribute__((vector_size(16)));
    constexpr floats tiny = {0x1p-149f};     // a denormal
    constexpr floats least = {0x1p-126f};    // no denormal
    constexpr floats parts = {0.75f, 0.25f}; // the nearest integers are 1 and 0
    floats difference;
    floats rounded;
    unsigned bits;
    unsigned long integers;
    unsigned short stack;
    asm volatile("fnstcw %[stack]\n\t"
                 "vaddss %{rn-sae%}, %[tiny], %[least], %[difference]\n\t" // drops `tiny` if denormals count as zero
                 "vsubss %{rn-sae%}, %[least], %[difference], %[difference]\n\t" // 0 if denormals are flushed
                 "vroundps $12, %[parts], %[rounded]\n\t"
                 "vmovd %[difference], %[bits]\n\t"
                 "vmovq %[rounded], %[integers]"
                 : [stack] "=m"(stack), [difference] "=&x"(difference), [rounded] "=&x"(rounded), [bits] "=r"(bits),
                   [integers] "=r"(integers)
                 : [tiny] "x"(tiny), [least] "x"(least), [parts] "x"(parts));
    return ((bits ^ 1U) | (integers ^ 0x3f800000U) | (static_cast<unsigned>(stack) ^ 0x37fU)) == 0;
#else
    return false;
#endif
}

/// Returns the control word of this thread's floating-point operations: rounding, flushing of denormals, precision,
/// masks of exceptions. 0 is the mode in which the system starts a program. The flags of raised exceptions are not part
/// of it.
HOCKET_ALWAYS_INLINE unsigned load_fp_control() noexcept {
#if defined(__x86_64__)
    unsigned vectors;
    unsigned short stack;
    asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(vectors), "=m"(stack));
    return ((vectors & 0xffc0U) ^ 0x1f80U) | (static_cast<unsigned>(stack) ^ 0x37fU) << 16;
#elif defined(__aarch64__)
    unsigned long value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return static_cast<unsigned>(value);
#else
    return 0;
#endif
}

/// Returns what `load_fp_control` returns, but may return 0 where only masks of vectors differ.
HOCKET_ALWAYS_INLINE unsigned read_fp_control() noexcept {
    if (should_try_fp_control() && is_usual_fp_control()) [[likely]]
        return 0;
    return load_fp_control();
}

/// The part of the control word that is quick to read. On x86-64 this is the x87 control word, which the functions of
/// <cfenv> change along with the control register of vectors.
#if defined(__x86_64__)
using quick_fp_control = unsigned short;
#else
using quick_fp_control = unsigned;
#endif
HOCKET_ALWAYS_INLINE void store_quick_fp_control(quick_fp_control& to) noexcept {
#if defined(__x86_64__)
    asm volatile("fnstcw %0" : "=m"(to));
#else
    to = read_fp_control();
#endif
}

/// Returns what `store_quick_fp_control` stores in the mode `control`.
inline quick_fp_control quick_fp_control_of(unsigned control) noexcept {
#if defined(__x86_64__)
    return static_cast<quick_fp_control>((control >> 16) ^ 0x37fU);
#else
    return control;
#endif
}

/// Restores a mode that `read_fp_control` has returned. The flags of raised exceptions stay.
HOCKET_COLD inline void write_fp_control(unsigned control) noexcept {
#if defined(__x86_64__)
    unsigned vectors;
    auto const stack = static_cast<unsigned short>((control >> 16) ^ 0x37fU);
    asm volatile("stmxcsr %0" : "=m"(vectors));
    vectors = (vectors & 0x3fU) | ((control & 0xffc0U) ^ 0x1f80U);
    if ((~stack & 0x3fU) != 0)
        asm volatile("fnclex" ::
                         : "memory"); // an old flag would raise an exception that is no
                                      // longer masked
    asm volatile("ldmxcsr %0\n\tfldcw %1" ::"m"(vectors), "m"(stack) : "memory");
#elif defined(__aarch64__)
    asm volatile("msr fpcr, %0" ::"r"(static_cast<unsigned long>(control)) : "memory");
#else
    (void)control;
#endif
}

/// Reads the processor's time stamp: constant rate, a few nanoseconds.
HOCKET_ALWAYS_INLINE unsigned long long read_cycle_counter() noexcept {
    HOCKET_SIMULATE(sim::active->clock());
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
