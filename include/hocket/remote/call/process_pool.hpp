// SPDX-License-Identifier: MIT
// A pool with its own worker processes, beside the worker processes of the session:
// `process_pool pool({.workers = 4});`. Public.
#pragma once

#include <hocket/remote/call/remote_pool.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {

/// Options of a `process_pool`.
struct process_pool_options {
    std::optional<std::size_t> workers = {}; ///< by default one for each core that this process may use; at least 1
    /// Maximum number of tasks of a worker process, which is then replaced; 0: no limit. A process in which an actor
    /// lives is not replaced.
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

/// A pool of worker processes of this machine, in which calls run whatever the engine of the program is. A task that
/// crashes takes down only its process. The program needs a session.
///
/// The destructor ends the processes: unfinished calls fail with `operation_cancelled`. **Threads** any; construction
/// and destruction by one thread. **Throws** std::logic_error without a session, std::invalid_argument for no or more
/// than 4,096 workers, std::runtime_error if processes cannot be started.
class process_pool : detail::owned_node, public remote_pool {
  public:
    process_pool() : process_pool(process_pool_options()) {}
    explicit process_pool(process_pool_options const& options);
    /// Makes a pool with this number of workers.
    template<class Integer>
        requires(!std::is_convertible_v<Integer, process_pool_options const&> &&
                 !std::is_base_of_v<process_pool, Integer>)
    explicit process_pool(Integer workers) : process_pool(process_pool_options{.workers = count_of(workers)}) {}
    ~process_pool();

  private:
    template<class Integer>
    static std::size_t count_of(Integer workers) {
        constexpr bool counts = std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>;
        static_assert(counts, "hocket: a process_pool takes the number of its workers, an integer, or "
                              "process_pool_options");
        if constexpr (counts)
            return static_cast<std::size_t>(workers);
        else
            return 0;
    }
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/call/process_pool.ipp>
#endif
