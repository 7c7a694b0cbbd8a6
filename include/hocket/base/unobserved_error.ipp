// SPDX-License-Identifier: MIT
// The bodies of the functions that unobserved_error.hpp declares.
#pragma once

#include <hocket/base/unobserved_error.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void print_unobserved_error(std::exception_ptr const& error) noexcept {
    char const* what = "not a std::exception";
    try {
        std::rethrow_exception(error);
    } catch (std::exception const& known) {
        what = known.what();
        std::fprintf(stderr, "hocket: an error was never retrieved: %s\n", what);
    } catch (...) {
        std::fprintf(stderr, "hocket: an error was never retrieved: %s\n", what);
    }
}

HOCKET_COLD HOCKET_INLINE void report_unobserved(std::exception_ptr const& error) noexcept {
    if (error == nullptr) return;
    try {
        std::rethrow_exception(error);
    } catch (operation_cancelled const&) {
        return;
    } catch (pool_ended const&) {
        return;
    } catch (...) { // the handler runs outside of this exception's handler
    }
    handler_of_unobserved_errors.load(std::memory_order_relaxed)(error);
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE unobserved_error_handler set_unobserved_error_handler(unobserved_error_handler handler) noexcept {
    return detail::handler_of_unobserved_errors.exchange(handler != nullptr ? handler : &detail::print_unobserved_error,
                                                         std::memory_order_relaxed);
}

} // namespace
