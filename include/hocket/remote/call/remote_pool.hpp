// SPDX-License-Identifier: MIT
// The pool in which remote calls run, possibly in several processes: `remote_pool` and `cluster()`. Public.
#pragma once

#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/members_of_other_pools.hpp>
#include <hocket/range/executor.hpp>
#include <hocket/remote/actor/actor_names.hpp>
#include <hocket/remote/node/resource_ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

namespace detail {
class node;

/// Whether the node has not ended with the session.
bool node_lives(node const& which) noexcept;
} // namespace detail

/// The result of `remote_pool::nodes` for one process.
struct node_info {
    std::string name;         ///< name of the machine
    std::size_t process = 0;  ///< index of the process
    std::size_t cores = 0;    ///< workers of its pool
    std::uint64_t memory = 0; ///< memory of the machine in bytes
    /// The resources of HOCKET_RESOURCES that no task holds.
    std::vector<std::pair<std::string, std::uint64_t>> free_resources{};
    std::uint64_t object_bytes = 0; ///< bytes of the values that live there beside their refs: none
    bool alive = true;
    std::string engine;   ///< "threads", "processes", "mpi"
    std::string build_id; ///< build id of the program
};

/// The result of `remote_pool::statistics`.
struct remote_statistics {
    /// Number of actor calls by `tell` that have thrown, in this process or sent by it; also of other pools.
    std::uint64_t tell_errors = 0;
    std::uint64_t open_calls = 0;     ///< calls that wait or run in other processes
    std::uint64_t repeated_calls = 0; ///< calls that were sent again because their process was lost
    std::uint64_t lost_processes = 0;
};

/// Runs calls: `submit(pool, f, args...)`, `actor<C> a(pool)`, `parallel_map(pool, range, f)`. Without a launcher it
/// consists of the threads of this process, and calls get values as they are. With worker processes the same calls run
/// in these processes.
///
/// **Threads** any. Its thread pool must outlive it, and it must outlive its actors. Refs may outlive it.
class remote_pool : public detail::members_of_other_pools {
  public:
    using executor_concept = executor_tag;

    /// Runs calls on the threads of a pool of this process.
    explicit remote_pool(thread_pool& threads);
    /// For the library: runs calls in worker processes unless `node` is null. With `sends_bytes`, values go through
    /// bytes in any case.
    remote_pool(thread_pool& threads, detail::node* node, bool sends_bytes)
        : threads_(&threads), node_(node), sends_bytes_(sends_bytes || node != nullptr) {
        if (node != nullptr) tell_names();
    }
    remote_pool(remote_pool const&) = delete;
    remote_pool& operator=(remote_pool const&) = delete;

    /// Returns the number of processes: 1 if calls run on the threads of this process.
    [[nodiscard]] std::size_t size() const;
    /// Returns the processes, in the order of their indices.
    [[nodiscard]] std::vector<node_info> nodes() const;
    /// Returns a text that says what the processes run and hold.
    [[nodiscard]] std::string report() const;

    /// Returns counts of events so far.
    [[nodiscard]] remote_statistics statistics() const;

    /// Calls `f()` once in each process. A process that later replaces a lost one runs `f()` before any other call.
    /// **Blocks** until the calls in all current processes have returned. **Throws** the exceptions of `f`; an
    /// exception in a later process is printed.
    template<class F>
    void on_each_process(F f);

    /// For the library: runs an algorithm that is called with this pool. Loops, maps and reductions run in all
    /// processes, other algorithms on the threads of this process.
    template<class Algorithm, class Options, class Source, class... Operands>
    decltype(auto) execute(Algorithm algorithm, Options const& options, Source&& source, Operands&&... operands);

    /// For the library: returns the pool of threads of this process.
    [[nodiscard]] thread_pool& threads() const noexcept { return *threads_; }
    /// For the library: whether values go through bytes, to other processes or, for a check, on threads.
    [[nodiscard]] bool sends_bytes() const noexcept { return sends_bytes_; }
    /// For the library: returns the node that sends to other processes, or null if there are none. **Throws**
    /// operation_cancelled after the end of the session.
    [[nodiscard]] detail::node* node() const;
    /// For the library: returns the names of the actors.
    [[nodiscard]] detail::actor_names& names() noexcept { return names_; }
    /// For the library: returns the ledger of resources. **Blocks** at its first call until the processes serve and
    /// have reported their numbers of workers.
    [[nodiscard]] detail::resource_ledger& resources() {
        if (node_ != nullptr) [[unlikely]]
            count_workers();
        return resources_;
    }

  private:
    void count_workers();
    void tell_names() noexcept;
    template<class Algorithm, class Options, class Source, class... Operands>
    decltype(auto) run_in_pieces(Algorithm algorithm, Options const& options, Source&& source, Operands&&... operands);

    thread_pool* threads_;
    detail::node* node_;
    std::once_flag counted_;
    bool sends_bytes_;
    detail::actor_names names_;
    detail::resource_ledger resources_{threads_->size()};
};

/// Returns the pool in which the calls of this program run. Without a launcher these are the threads of
/// `default_pool()`. **Threads** any. **Throws** as `default_pool`, at the first use; std::invalid_argument for an
/// invalid HOCKET_RESOURCES.
remote_pool& cluster();

namespace this_process {

/// Returns the index of this process in `cluster()`; 0 if there is only one process.
[[nodiscard]] std::size_t index() noexcept;

} // namespace this_process
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/call/remote_pool.ipp>
#endif
