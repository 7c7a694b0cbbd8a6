// SPDX-License-Identifier: MIT
// The bodies of the functions that this_worker.hpp declares.
#pragma once

#include <hocket/pool/this_worker.hpp>

namespace hocket::inline HOCKET_ABI::this_worker {

HOCKET_INLINE std::size_t index() {
    if (!inside_pool())
        throw std::logic_error("hocket: this_worker::index() is called by a thread that runs no work of a pool");
    return detail::this_slot->id;
}

HOCKET_INLINE std::size_t core() {
    (void)index();
    detail::worker const& me = *detail::this_slot;
    return static_cast<std::size_t>(me.sched->places().workers[me.rank].core);
}

} // namespace
