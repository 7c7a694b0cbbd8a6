// SPDX-License-Identifier: MIT
// A place where calls run, which may be in several processes: `remote_pool` and `cluster()`. Public.
#pragma once

#include <hocket/pool/default_pool.hpp>
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

/// Whether it has not ended with the session.
bool node_lives(node const& which) noexcept;
} // namespace detail

/// What `remote_pool::nodes` says about a process.
struct node_info {
    std::string name;         ///< of the machine
    std::size_t process = 0;  ///< the index of the process
    std::size_t cores = 0;    ///< the workers of its pool
    std::uint64_t memory = 0; ///< bytes of the machine
    /// What tasks do not hold of HOCKET_RESOURCES.
    std::vector<std::pair<std::string, std::uint64_t>> free_resources{};
    std::uint64_t object_bytes = 0; ///< of the values that live there beside their refs: none
    bool alive = true;
    std::string engine;   ///< "threads", "processes", "mpi"
    std::string build_id; ///< of the program
};

/// What `remote_pool::statistics` says.
struct remote_statistics {
    /// Calls of actors by `tell` that have thrown, in this process or sent by it; also of other pools.
    std::uint64_t tell_errors = 0;
    std::uint64_t open_calls = 0;     ///< that wait or run in other processes
    std::uint64_t repeated_calls = 0; ///< that were sent again, since their process was lost
    std::uint64_t lost_processes = 0;
};

/// A place to run calls: `submit(pool, f, args...)`, `actor<C> a(pool)`, `parallel_map(pool, range, f)`. Without a
/// launcher it is the threads of this process, and calls get values as they are; with worker processes the same calls
/// run there.
///
/// **Threads** any. What it was made of lives longer than it does, and it lives longer than its actors; refs may
/// outlive it.
class remote_pool {
  public:
    using executor_concept = executor_tag;

    /// The threads of a pool of this process.
    explicit remote_pool(thread_pool& threads);
    /// For the library: with worker processes, unless `node` is null; `sends_bytes`: values go through bytes in any
    /// case.
    remote_pool(thread_pool& threads, detail::node* node, bool sends_bytes)
        : threads_(&threads), node_(node), sends_bytes_(sends_bytes || node != nullptr) {
        if (node != nullptr) tell_names();
    }
    remote_pool(remote_pool const&) = delete;
    remote_pool& operator=(remote_pool const&) = delete;

    /// How many processes there are: 1 where calls run on the threads of this process.
    [[nodiscard]] std::size_t size() const;
    /// The processes, in the order of their indices.
    [[nodiscard]] std::vector<node_info> nodes() const;
    /// What the processes run and have, as text.
    [[nodiscard]] std::string report() const;

    /// What has happened so far.
    [[nodiscard]] remote_statistics statistics() const;

    /// Calls `f()` once in each process, also in those that come later in place of one that was lost: there before any
    /// other call. **Blocks** until all have returned that are there. **Throws** what `f` throws; what it throws in a
    /// later process is printed.
    template<class F>
    void on_each_process(F f);

    /// For the library: an algorithm that is called with this place. Loops, maps and reductions run in all processes,
    /// others on the threads of this one.
    template<class Algorithm, class Options, class Source, class... Operands>
    decltype(auto) execute(Algorithm algorithm, Options const& options, Source&& source, Operands&&... operands);

    /// For the library: the threads of this process.
    [[nodiscard]] thread_pool& threads() const noexcept { return *threads_; }
    /// For the library: whether values go through bytes, to other processes or, where that is to be checked, on
    /// threads.
    [[nodiscard]] bool sends_bytes() const noexcept { return sends_bytes_; }
    /// For the library: what sends to other processes; null where there are none. **Throws** operation_cancelled after
    /// the end of the session.
    [[nodiscard]] detail::node* node() const;
    /// For the library.
    [[nodiscard]] detail::actor_names& names() noexcept { return names_; }
    /// **Blocks** at its first call until the processes serve, of which it says how many workers they have.
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

/// The place where the calls of this program run: the threads of this process, `default_pool()`.
/// **Threads** any. **Throws** as `default_pool`, at the first use; std::invalid_argument for a bad HOCKET_RESOURCES.
remote_pool& cluster();

namespace this_process {

/// The index of this process among those of `cluster()`: 0 where there is one.
[[nodiscard]] std::size_t index() noexcept;

} // namespace this_process
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/call/remote_pool.ipp>
#endif
