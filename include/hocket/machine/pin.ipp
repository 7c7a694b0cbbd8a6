// SPDX-License-Identifier: MIT
// The bodies of the functions that pin.hpp declares.
#pragma once

#include <hocket/machine/pin.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE pin_outcome pin_this_thread(fixed_array<unsigned> const& pus) noexcept {
    if (pus.empty()) {
        return pin_outcome::not_asked;
    }
    return detail::bind_calling_thread(pus.data(), pus.size()) == 0 ? pin_outcome::pinned : pin_outcome::refused;
}

} // namespace

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void pin_to_machine(topology const& on) noexcept {
    try {
        fixed_array<unsigned> pus(on.pus.size());
        for (std::size_t i = 0; i < pus.size(); ++i) pus[i] = on.pus[i].os_index;
        if (on.origin != topology_origin::description) (void)pin_this_thread(pus);
    } catch (std::bad_alloc const&) { // then it shares that core
    }
}

} // namespace
