// SPDX-License-Identifier: MIT
// The bodies of the functions that task_link.hpp declares.
#pragma once

#include <hocket/future/task_link.hpp>
#include <hocket/future/wait_cycle.hpp>

namespace hocket::inline HOCKET_ABI::this_task {

HOCKET_INLINE char const* name() noexcept {
    detail::stop_walk walk;
    for (detail::stop_link const* link = detail::current_stop; link != nullptr;) {
        if (link->stopped == &detail::task_link::asked) return static_cast<detail::task_link const*>(link)->name;
        if (link->stopped == &detail::running_scope::is_unwanted) return nullptr;
        detail::stop_place const* const place = walk.around(*link);
        link = place != nullptr ? place->link : nullptr;
    }
    return nullptr;
}

} // namespace
