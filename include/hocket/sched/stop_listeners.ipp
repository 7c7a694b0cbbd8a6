// SPDX-License-Identifier: MIT
// The bodies of the functions that stop_listeners.hpp declares.
#pragma once

#include <hocket/sched/stop_listeners.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void drop_stop_listeners(void const* scope) noexcept {
    stop_listeners_here -=
        stop_listeners_of_process.drop([scope](stop_listener const& one) { return one.scope == scope; });
}

HOCKET_COLD HOCKET_INLINE void drop_stop_listeners_of(scheduler const& pool) noexcept {
    stop_listeners_of_process.drop([&pool](stop_listener const& one) {
        return one.scope == nullptr && one.place.slot != nullptr && one.place.slot->sched == &pool;
    });
}

} // namespace
