// SPDX-License-Identifier: MIT
// Lets nodes of a running graph take units of semaphores and give them back. Called by graph_runner.hpp.
#pragma once

#include <hocket/graph/graph_batch.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/held_units.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/sched/spawn.hpp>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// The units of one node. Only this class and those that search for deadlocks access semaphores.
class graph_units {
    friend class stuck_units;

  public:
    graph_units(graph_core& graph, node_record& node) noexcept : graph_(graph), node_(node) {}

    /// Takes the units beyond the first `held`. Returns false if the node was put aside or the run was cancelled. A
    /// node that was put aside comes back as a batch that says how many units it holds. Throws std::bad_alloc, and
    /// std::logic_error if the node would wait for ever; then the node holds no units.
    bool take(std::uint32_t held);

    /// Gives back units after the node has finished: those that it has not acquired for other nodes, and those that it
    /// releases.
    void give() noexcept;
    /// Gives back the first `most` units of a node that has not begun.
    void give_back(std::uint32_t most) noexcept;

    /// Finishes a runner of a run that lends units. Returns true for the last runner of its graph, and then gives back
    /// all units that the nodes have acquired. If only nodes that wait for ever are left, fails the run.
    [[gnu::cold]] static bool end_runner(graph_core& graph) noexcept;

    /// Takes the nodes of a cancelled run out of the queues of all semaphores of `graph` and of its subgraphs.
    [[gnu::cold]] static void leave_queues(graph_core const& graph, graph_run const& run) noexcept;

  private:
    static void leave_queue(semaphore& what, graph_run const& run) noexcept;

    std::uint32_t any_first() const noexcept;
    /// Returns the first limit by which the node takes a unit: its number plus 1, or 0.
    std::uint32_t first() const noexcept { return taken_from(any_first()); }
    std::uint32_t after(std::uint32_t at) const noexcept { return taken_from(limit(at).next); }
    std::uint32_t taken_from(std::uint32_t at) const noexcept;
    graph_limit& limit(std::uint32_t at) const noexcept { return graph_.limits[at - 1]; }

    void list(graph_limit& its) noexcept;
    static void unlist(graph_limit& its) noexcept { held_units::remove(*its.what, its.holder); }

    static void give(graph_limit& its) noexcept;
    static void give(semaphore& what) noexcept;
    /// Gives back a unit that a node of the graph has acquired. Returns false if there is none.
    static bool give_lent(graph_core& graph, semaphore& what) noexcept;
    [[gnu::cold]] void fail_without_unit() noexcept;

    /// Calls `f` for those of the first `held` limits whose units the node gives back when it finishes.
    template<class F>
    void for_first(std::uint32_t held, F const& f) noexcept {
        std::uint32_t at = first();
        for (std::uint32_t i = 0; i < held; ++i, at = after(at))
            if (limit(at).use == unit_use::holds) f(limit(at));
    }

    /// Puts the node aside until it gets a unit. Returns false if there is a unit by now.
    bool put_aside(semaphore& wanted, std::uint32_t held);
    /// Takes the node out of the queue again if the run was cancelled. A stop that came before the node was queued has
    /// not found it. The batch may already be gone. Returns true.
    bool stays_aside(semaphore& wanted) noexcept;
    [[noreturn]] [[gnu::cold]] static void throw_dead(std::string const& cycle);
    [[gnu::cold]] static std::string cycle_text() noexcept;

    graph_core& graph_;
    node_record& node_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_units.ipp>
#endif
