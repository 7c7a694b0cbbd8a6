// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_node.hpp declares.
#pragma once

#include <hocket/graph/graph_node.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE graph_node const& graph_node::priority(hocket::priority level) const {
    if (level > hocket::priority::low)
        throw std::invalid_argument("hocket: graph_node::priority is not one of normal, high, low");
    graph().set_rank(*node_, level == hocket::priority::high  ? detail::node_flags::high
                             : level == hocket::priority::low ? detail::node_flags::low
                                                              : 0);
    return *this;
}

HOCKET_INLINE bool graph_node::ran() const {
    graph().require_idle("hocket: whether a node ran was requested while its graph runs");
    return graph_->ran(*node_);
}

HOCKET_INLINE detail::graph_core& graph_node::graph() const {
    if (graph_ == nullptr) throw std::logic_error("hocket: an empty graph_node is used");
    return *graph_;
}

HOCKET_INLINE void graph_node::require_same_graph(graph_node const& other) const {
    if (&graph() != other.graph_)
        throw std::invalid_argument(
            "hocket: an edge between nodes of different task_graphs; add_subgraph() joins graphs");
}

} // namespace
