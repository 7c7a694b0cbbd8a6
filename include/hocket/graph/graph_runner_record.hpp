// SPDX-License-Identifier: MIT
// A record of a runner for the search for units that are never given back, while a node of the runner waits. Made by
// graph_runner.hpp for runs whose nodes take units, read by held_units.hpp.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_batch.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/sched/kept_work.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The record is read while its thread sleeps, or a thread that runs a part of its node. Until that thread goes on, the
/// runner changes neither its graph nor its node.
struct graph_runner_record : units_link {
    graph_runner_record(void (*its_look)() noexcept, graph_core* const& its_graph, node_record* const& its_node,
                        kept_work const& kept) noexcept
        : units_link(its_look), graph(its_graph), node_(its_node), kept_(kept) {}

    /// Returns the node that runs, or the spawning node of a child that runs. Returns null between nodes.
    node_record* runs() const noexcept {
        return node_ != nullptr && node_->kind() == node_flags::child ? &graph_child::owner_of(*node_) : node_;
    }
    /// Whether no ready node is left in the runner. Nodes that it has handed out are counted.
    bool keeps_nothing() const noexcept { return kept_.is_closed(); }

    graph_core* const& graph;
    mutable std::uint64_t search = 0; // the last one of held_units that has counted this runner; guarded by its mutex

  private:
    node_record* const& node_;
    kept_work const& kept_;
};

} // namespace hocket::detail
