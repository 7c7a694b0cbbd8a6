// SPDX-License-Identifier: MIT
// Handles nodes that hold units of semaphores while their bodies wait for runs whose nodes want these units. Finds out
// whether no unit is ever given back, and fails the runs that never go on. Called for threads that sleep in a node:
// wait_cycle.hpp.
#pragma once

#include <hocket/future/future_state.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_run.hpp>
#include <hocket/graph/held_units.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/queue/work_item.hpp>

#include <string>

namespace hocket::inline HOCKET_ABI::detail {

class stuck_units {
  public:
    /// If no holder of some units can ever go on, fails runs: as few as necessary to let all others go on.
    [[gnu::cold]] static void look() noexcept;

    /// Returns when no thread looks any more at a run that has finished.
    [[gnu::cold]] static void let_searches_end() noexcept { os_lock const lock(held_units::mutex); }

  private:
    /// Returns the batches of runs that have to fail, out of the queues of semaphores, linked by `next`.
    static work_item* find(sleeping_thread* first, std::string& cycle) noexcept;
    static void find_stuck() noexcept;
    static bool any_dead() noexcept;
    /// Calls `f` for each unit that is held by a node in whose body a thread sleeps.
    template<class F>
    static void for_each_limit(sleeping_thread const* first, F const& f) noexcept;
    /// Lists these units for the time of a search.
    static void list(sleeping_thread const* first) noexcept;
    static void unlist(sleeping_thread const* first) noexcept;
    /// Returns all runs of which a node waits for a dead semaphore, linked by `next_in_search`. Marks as few of them as
    /// possible to fail.
    static graph_run* choose() noexcept;
    static work_item* withdraw(graph_run const& run, work_item* others) noexcept;
    static void fail(work_item* waiting, std::string const& cycle) noexcept;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/stuck_units.ipp>
#endif
