// SPDX-License-Identifier: MIT
// Errors for destructors and other functions that must not throw. One object of each type is made in advance and
// shared, so that a report needs no memory. Callers: promises, tasks, graphs and joins; each function that starts a
// pool makes them in advance.
#pragma once

#include <hocket/base/config.hpp>

#include <exception>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the one exception of the type Error, which is never destroyed. **Throws** std::bad_alloc at the first call
/// only.
template<class Error>
HOCKET_COLD std::exception_ptr const& lasting_error() {
    static std::exception_ptr const* const kept = new std::exception_ptr(std::make_exception_ptr(Error()));
    return *kept;
}

/// Returns the one exception of the type Error. Returns a std::bad_alloc if it was not made in advance and there is no
/// memory for it.
template<class Error>
HOCKET_COLD std::exception_ptr error_without_memory() noexcept {
    try {
        return lasting_error<Error>();
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace hocket::inline HOCKET_ABI::detail
