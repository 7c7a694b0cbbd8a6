// SPDX-License-Identifier: MIT
// What running code may ask about the worker that runs it. Public.
#pragma once

#include <hocket/sched/guest.hpp>

#include <cstddef>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI::this_worker {

/// Whether the calling thread runs work of a pool now: as one of its threads, or as a caller that takes part.
inline bool inside_pool() noexcept {
    return detail::enclosing_scheduler() != nullptr && detail::this_context != nullptr;
}

/// The number of the calling thread among those that take part in the pool's work: no other thread has it meanwhile.
/// Below `max_index()` of the pool. Workers, and callers that take part while a worker rests, have 0 to `size() - 1`;
/// compensation threads, which run while others wait, and callers beside busy workers have higher ones. For a value per
/// thread there is `worker_local`. A task that waits may on the way run tasks of its own, which have the same index.
/// **Throws** std::logic_error outside of a pool. **Cost** two loads.
std::size_t index();

/// The core that the calling thread is meant for, by its rank in `machine().cores`: that of the worker in whose place
/// it runs. **Throws** std::logic_error outside of a pool.
std::size_t core();

} // namespace hocket::this_worker

#if HOCKET_BODIES
#include <hocket/pool/this_worker.ipp>
#endif
