// SPDX-License-Identifier: MIT
// Tells whether an exception unwinds the stack of the calling thread. Asked in each operation, so it makes no call.
// Callers: the places where stops look for the enclosing operation.
#pragma once

#include <hocket/base/config.hpp>

#include <exception>

namespace hocket::inline HOCKET_ABI::detail {

/// The structure that `__cxa_get_globals` points to according to the Itanium C++ ABI (section 2.2.2), one for each
/// thread.
struct exception_globals {
    void* caught;
    unsigned uncaught;
};

/// Declares `__cxa_get_globals` under a name of hocket's own. The headers of some C++ runtimes do not declare it, and
/// others declare it with a type that cannot be named.
extern "C" exception_globals const* hocket_exception_globals() noexcept __asm__("__cxa_get_globals");

inline constinit thread_local exception_globals const* exception_globals_here = nullptr;

[[gnu::cold, gnu::noinline]] inline exception_globals const* find_exception_globals() noexcept {
    return exception_globals_here = hocket_exception_globals();
}

/// Returns where `unwinds_there` finds whether an exception unwinds the stack of the calling thread; null where other
/// threads cannot see it.
[[nodiscard]] inline exception_globals const* unwinding_here() noexcept {
    if constexpr (!has_itanium_exceptions) return nullptr;
    exception_globals const* const here = exception_globals_here;
    return here != nullptr ? here : find_exception_globals();
}

/// As `unwinds`, of another thread, which stays meanwhile. It says yes from the time of a throw until the time when the
/// last exception has been caught.
[[nodiscard]] inline bool unwinds_there(exception_globals const& there) noexcept {
    return __atomic_load_n(&there.uncaught, __ATOMIC_RELAXED) != 0;
}

/// Returns whether the calling thread has thrown an exception that no handler has caught yet.
[[nodiscard]] inline bool unwinds() noexcept {
    if constexpr (!has_itanium_exceptions) return std::uncaught_exceptions() != 0;
    exception_globals const* const here = exception_globals_here;
    return (here != nullptr ? here : find_exception_globals())->uncaught != 0;
}

} // namespace hocket::detail
