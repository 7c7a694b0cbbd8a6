// SPDX-License-Identifier: MIT
// The bodies of the functions that future.hpp declares.
#pragma once

#include <hocket/future/future.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_no_state() {
    throw std::logic_error("hocket: this future is empty: it was default-constructed or moved from, or its value was "
                           "taken (by get() on a temporary, or by std::move)");
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE future<void> make_ready_future() {
    auto* const state = detail::make_state<void>(nullptr, 1);
    state->set_value();
    return future<void>(state);
}

} // namespace
