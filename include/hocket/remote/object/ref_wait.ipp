// SPDX-License-Identifier: MIT
// The bodies of the functions that ref_wait.hpp declares.
#pragma once

#include <hocket/remote/object/ref_wait.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void help_ref(future_state_base& state, kept_by by) {
    awaited_line = is_ours(state, by) ? state.scope : nullptr;
    struct until_return {
        ~until_return() { awaited_line = nullptr; }
    } const waits;
    worker* const me = this_slot;
    if (me != nullptr && me->sched == state.sched) {
        if (state.help != nullptr) (void)state.help(state, *me);
    } else if (state.sched != nullptr && (state.word.offered() || state.type->help_outside != nullptr)) {
        help_from_outside(state);
    }
}

} // namespace
