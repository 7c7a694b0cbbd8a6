// SPDX-License-Identifier: MIT
// Nodes that hold units of semaphores and wait, in their bodies, for runs whose nodes want these units: finds out
// whether no unit is ever given back, and ends the runs that never go on. Called for threads that sleep in a node:
// wait_cycle.hpp.
#pragma once

#include <hocket/future/future_state.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/future/wait_graph.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_run.hpp>
#include <hocket/graph/held_units.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/queue/work_item.hpp>

#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// Which sleeping threads never go on, if nothing goes on that waits for a dead semaphore.
class stuck_threads {
  public:
    explicit stuck_threads(sleeping_thread* first) noexcept : first_(first) {}

    void add(future_state_base& state, bool runs = false) noexcept;
    /// False: there was no memory.
    bool find() noexcept;

  private:
    sleeping_thread* const first_;
    bool complete_ = true;
    pointer_table<void> seen_;
    pointer_stack<running_scope> tasks_;
    pointer_stack<sleeping_thread> threads_;
    pointer_stack<continuation> links_;
};

class stuck_units {
  public:
    /// If units are never given back, as all of their holders wait: makes as few runs fail as let all others go on.
    [[gnu::cold]] static void look() noexcept;

    /// A run is over: returns when no thread looks at it any more.
    [[gnu::cold]] static void let_searches_end() noexcept { os_lock const lock(held_units::mutex); }

  private:
    /// What has waited in the queues of semaphores, of runs that never go on; linked by `next`.
    static work_item* find(sleeping_thread* first, std::string& circle) noexcept;
    static void find_stuck() noexcept;
    static bool any_dead() noexcept;
    /// Calls `f` of each unit that the nodes hold in whose bodies threads sleep.
    template<class F>
    static void for_each_limit(sleeping_thread const* first, F const& f) noexcept;
    /// Lists these units for as long as a search lasts, and no longer.
    static void list(sleeping_thread const* first) noexcept;
    static void unlist(sleeping_thread const* first) noexcept;
    /// All runs of which something waits for a dead semaphore, linked by `next_in_search`. As few of them as possible
    /// are to fail.
    static graph_run* choose() noexcept;
    static work_item* withdraw(graph_run const& run, work_item* others) noexcept;
    static void fail(work_item* waiting, std::string const& circle) noexcept;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/stuck_units.ipp>
#endif
