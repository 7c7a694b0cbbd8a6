// SPDX-License-Identifier: MIT
// What the threads of a pool have done so far, as plain data. Public.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// What one thread at a time has done under one `this_worker::index()`.
struct worker_statistics {
    std::uint64_t tasks = 0;  ///< tasks from queues: of `submit`, `then`, `spawn`, groups, and each piece of a graph
    std::uint64_t steals = 0; ///< callables of `join` that were taken from other threads
    std::uint64_t chunks = 0; ///< parts of loops that several threads share, each claimed at once
    std::uint64_t parks = 0;  ///< how often a thread found no work and went to sleep
    std::uint64_t wakes = 0;  ///< how often it was woken; one more than `parks` at most, since threads begin asleep
};

/// What the threads of a pool have done since it was made: see `thread_pool::statistics`.
struct pool_statistics {
    worker_statistics total;                ///< the sums over `workers`
    std::uint64_t waiting = 0;              ///< about how many tasks wait in queues
    std::vector<worker_statistics> workers; ///< by `this_worker::index()`; at least one for each worker
};

} // namespace hocket
