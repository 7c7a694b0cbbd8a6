// SPDX-License-Identifier: MIT
// The bodies of the functions that ref.hpp declares.
#pragma once

#include <hocket/remote/object/ref.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_value_is_shared() {
    throw std::logic_error(
        "hocket: the value of this ref cannot be taken: other refs to it exist, and it cannot be copied. Read it by "
        "get() on a named ref");
}

HOCKET_INLINE void check_awaited(future_state_base const& state, coroutine_run const& run) {
    if (state.type->order != computing_order::one_by_one || run.own_state == nullptr || state.complete()) return;
    if (run.own_state != &state && !holds_up(*run.own_state, state)) return;
    throw_waits_for_itself();
}

} // namespace
