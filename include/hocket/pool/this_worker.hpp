// SPDX-License-Identifier: MIT
// Queries of running code about the worker that runs it. Public.
#pragma once

#include <hocket/sched/pool_entry.hpp>

#include <cstddef>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI::this_worker {

/// Returns whether the calling thread runs work of a pool now: as one of its threads, or as an external caller that
/// takes part.
inline bool inside_pool() noexcept { return detail::enclosing_scheduler() != nullptr && detail::this_slot != nullptr; }

/// Returns the number of the calling thread among the threads that take part in the pool's work. No other thread has it
/// meanwhile. It is below `max_index()` of the pool. Workers have 0 to `size() - 1`, and so do external callers that
/// take part while a worker rests. Compensation threads, which run while others wait, and external callers beside busy
/// workers have higher numbers. For a value per thread there is `worker_local`. A task that waits may meanwhile run
/// other tasks, which see the same index. **Throws** std::logic_error outside of a pool. **Cost** two loads.
std::size_t index();

/// Returns the core that the calling thread is meant for, by its rank in `machine().cores`: the core of the worker
/// whose slot it uses. **Throws** std::logic_error outside of a pool.
std::size_t core();

} // namespace hocket::this_worker

#if HOCKET_BODIES
#include <hocket/pool/this_worker.ipp>
#endif
