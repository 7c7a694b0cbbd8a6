// SPDX-License-Identifier: MIT
// How nodes of a running graph take units of semaphores and give them back. Called by graph_slice.hpp.
#pragma once

#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_share.hpp>
#include <hocket/graph/held_units.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/sched/spawn.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// The only one that sees into semaphores.
class graph_units {
    friend class stuck_units;

  public:
    graph_units(graph_core& graph, node_record& node) noexcept : graph_(graph), node_(node) {}

    /// Takes those beyond the first `held`. False: the node was put aside, and comes back as a share that says how many
    /// it holds then; or the run was stopped. Throws std::bad_alloc, and std::logic_error if the node would wait for
    /// ever, and then the node holds none.
    bool take(std::uint32_t held);

    /// The node has ended: gives back what it has not acquired for others, and what it releases.
    void give() noexcept;
    /// The node has not begun: gives the first `most` back.
    void give_back(std::uint32_t most) noexcept;

    /// A slice of a run that lends units ends. True for the last one of its graph, and then all units that its nodes
    /// have acquired are given back. If it leaves only nodes that wait for ever, it fails the run.
    [[gnu::cold]] static bool end_slice(graph_core& graph) noexcept;

    /// A run was stopped: takes its nodes out of the queues of all semaphores of `graph` and of the graphs inside of
    /// it.
    [[gnu::cold]] static void leave_queues(graph_core const& graph, graph_run const& run) noexcept;

  private:
    static void leave_queue(semaphore& what, graph_run const& run) noexcept;

    std::uint32_t any_first() const noexcept;
    /// Of those that the node takes.
    std::uint32_t first() const noexcept { return taken_from(any_first()); }
    std::uint32_t after(std::uint32_t at) const noexcept { return taken_from(limit(at).next); }
    std::uint32_t taken_from(std::uint32_t at) const noexcept;
    graph_limit& limit(std::uint32_t at) const noexcept { return graph_.limits[at - 1]; }

    void list(graph_limit& its) noexcept;
    static void unlist(graph_limit& its) noexcept { held_units::remove(*its.what, its.holder); }

    static void give(graph_limit& its) noexcept;
    static void give(semaphore& what) noexcept;
    /// False: no node of the graph has acquired one.
    static bool give_lent(graph_core& graph, semaphore& what) noexcept;
    [[gnu::cold]] void fail_without_unit() noexcept;

    /// Those of the first `held` that the node gives back when it ends.
    template<class F>
    void for_first(std::uint32_t held, F const& f) noexcept {
        std::uint32_t at = first();
        for (std::uint32_t i = 0; i < held; ++i, at = after(at))
            if (limit(at).use == unit_use::holds) f(limit(at));
    }

    /// False: there was a unit meanwhile.
    bool put_aside(semaphore& wanted, std::uint32_t held);
    /// True. A stop that came before the node was queued has not found it. The share may be gone already.
    bool stays_aside(semaphore& wanted) noexcept;
    [[noreturn]] [[gnu::cold]] static void throw_dead(std::string const& circle);
    [[gnu::cold]] static std::string circle_text() noexcept;

    graph_core& graph_;
    node_record& node_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_units.ipp>
#endif
