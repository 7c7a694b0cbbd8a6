// SPDX-License-Identifier: MIT
// What a search for units that are never given back sees of a slice while a node of it waits. Made by graph_slice.hpp
// for runs whose nodes take units, read by held_units.hpp.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_share.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/sched/kept_work.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// It is read while its thread, or one that runs a part of its node, sleeps: until then the slice changes neither its
/// graph nor its node.
struct graph_piece : units_link {
    graph_piece(void (*its_look)() noexcept, graph_core* const& its_graph, node_record* const& its_node,
                kept_work const& kept) noexcept
        : units_link(its_look), graph(its_graph), node_(its_node), kept_(kept) {}

    /// The node, or the one of which it is a child; null between nodes.
    node_record* runs() const noexcept {
        return node_ != nullptr && node_->kind() == node_flags::child ? &graph_child::owner_of(*node_) : node_;
    }
    /// No node that could begin is left in the slice. What it has handed out is counted.
    bool keeps_nothing() const noexcept { return kept_.is_closed(); }

    graph_core* const& graph;
    mutable std::uint64_t search = 0; // of held_units, under its mutex: the last one that has counted this piece

  private:
    node_record* const& node_;
    kept_work const& kept_;
};

} // namespace hocket::detail
