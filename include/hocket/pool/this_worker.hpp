// SPDX-License-Identifier: MIT
// What running code may ask about the worker that runs it, floor 4. Public.
#pragma once

#include <hocket/sched/guest.hpp>

#include <cstddef>
#include <stdexcept>

namespace hocket::this_worker {

/// Whether the calling thread runs work of a pool now: as one of its threads, or as a caller that takes part.
inline bool inside_pool() noexcept {
    return detail::enclosing_scheduler() != nullptr && detail::this_context != nullptr;
}

/// The rank of the worker in whose place the calling thread runs: 0 to `size() - 1` of its pool. A hint of where, not of who: while
/// a task waits, another thread may run in the place of its worker, and a caller beside busy workers runs in the place of
/// one. For one buffer per thread use `worker_local`.
/// **Throws** std::logic_error outside of a pool. **Cost** two loads.
inline std::size_t index() {
    if (!inside_pool())
        throw std::logic_error("hocket: this_worker::index() is called by a thread that runs no work of a pool");
    return detail::this_context->rank;
}

/// The core that this worker is meant for: its rank in `machine().cores`.
/// **Throws** std::logic_error outside of a pool.
inline std::size_t core() {
    std::size_t const rank = index();
    return static_cast<std::size_t>(detail::this_context->sched->places().workers[rank].core);
}

} // namespace hocket::this_worker
