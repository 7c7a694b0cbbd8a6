// SPDX-License-Identifier: MIT
// The bodies of the functions that stop_link.hpp declares.
#pragma once

#include <hocket/sched/stop_link.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE stop_link const* stop_link::enclosing() const noexcept {
    stop_place const* const place = around.load(std::memory_order_acquire); // <- stop_link.around
    return place != nullptr ? place->link : nullptr;
}

} // namespace
