// SPDX-License-Identifier: MIT
// A pool of worker processes of its own, beside those of the session: `process_pool pool({.workers = 4});`. Public.
#pragma once

#include <hocket/remote/call/remote_pool.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace hocket::inline HOCKET_ABI {

/// What a `process_pool` is to be like.
struct process_pool_options {
    std::optional<std::size_t> workers = {}; ///< by default one for each core that this process may use; at least 1
    /// A worker process that has run so many tasks ends, and another one comes; 0: it stays. One in which an actor
    /// lives stays.
    std::size_t max_tasks_per_worker = 0;
};

namespace detail {

class node;

/// The node of a process_pool, made before the pool and destroyed after it.
class owned_node {
  protected:
    explicit owned_node(process_pool_options const& options);
    owned_node(owned_node const&) = delete;
    owned_node& operator=(owned_node const&) = delete;
    ~owned_node();

    std::unique_ptr<node> node_of_pool;
};

} // namespace detail

/// Worker processes of this machine, in which calls run whatever the engine of the program is: a task that crashes
/// takes its process along, and nothing else. The program needs a session.
///
/// The destructor ends the processes: calls that have not ended fail with `operation_cancelled`. **Threads** any;
/// making and destroying it is for one. **Throws** std::logic_error without a session, std::invalid_argument for no or
/// more than 4,096 workers, std::runtime_error where processes cannot be started.
class process_pool : detail::owned_node, public remote_pool {
  public:
    process_pool() : process_pool(process_pool_options()) {}
    explicit process_pool(process_pool_options const& options);
    /// With so many workers.
    explicit process_pool(std::size_t workers) : process_pool(process_pool_options{.workers = workers}) {}
    ~process_pool();
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/call/process_pool.ipp>
#endif
