// SPDX-License-Identifier: MIT
// The bodies of the functions that process_pool.hpp declares.
#pragma once

#include <hocket/pool/default_pool.hpp>
#include <hocket/remote/call/process_pool.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/transport/engine.hpp>
#include <hocket/remote/transport/process_run.hpp>

#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE owned_node::owned_node(process_pool_options const& options) {
    program_start const& how = program_with_session();
    std::size_t const workers = options.workers ? *options.workers : usual_processes();
    if (workers == 0 || workers > most_processes)
        throw std::invalid_argument("hocket: a process_pool has from 1 to " + std::to_string(most_processes) +
                                    " workers, not " + std::to_string(workers));
    node_of_pool =
        std::make_unique<node>(how, worker_plan{.workers = workers, .most_tasks = options.max_tasks_per_worker});
}

HOCKET_INLINE owned_node::~owned_node() = default;

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE process_pool::~process_pool() { node_of_pool.reset(); } // destroyed before the names of its actors

HOCKET_COLD HOCKET_INLINE process_pool::process_pool(process_pool_options const& options)
    : owned_node(options), remote_pool(default_pool(), node_of_pool.get(), true) {}

} // namespace
