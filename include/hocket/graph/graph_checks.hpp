// SPDX-License-Identifier: MIT
// Finds errors in a graph before it runs: nodes to which no path leads, and nodes that would wait for units of
// semaphores that the subgraphs around them hold. Called by `validate()` and before the first run after a change.
#pragma once

#include <hocket/graph/graph_core.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The edges of a graph, sorted by the node from which they lead; includes the edges of conditions.
class graph_paths {
  public:
    explicit graph_paths(graph_core const& graph);

    /// Returns the nodes that can be reached from `from`, including `from`.
    std::vector<bool> reached_from(std::vector<std::uint32_t> from) const;

  private:
    graph_core const& graph_;
    std::vector<std::uint32_t> starts_; // where the edges of node i begin in `targets_`; they end at i + 1
    std::vector<std::uint32_t> targets_;
};

/// Throws std::invalid_argument if no path leads to some node from a node that can begin by itself.
[[gnu::cold]] void require_reachable(graph_core const& graph);

/// Searches for nodes that would wait for units that the subgraphs around them hold.
class units_check {
  public:
    explicit units_check(graph_core const& graph) : graph_(graph) {}

    /// Searches the graph and its subgraphs. Throws std::invalid_argument, std::bad_alloc.
    void run();

  private:
    struct held_unit {
        semaphore* what;
        std::string by;
    };
    /// Says that within `branch` a node holds a unit of `first` while another node waits for a unit of `second`.
    struct order {
        node_record const* branch;
        semaphore* first;
        semaphore* second;
        std::string names;
    };

    template<class F>
    static void for_each_limit(graph_core const& graph, node_record const& node, F const& f) {
        if ((node.flags & node_flags::limited) == 0) return;
        for (std::uint32_t at = node.limits() + 1; at != 0; at = graph.limits[at - 1].next)
            if (graph.limits[at - 1].use != unit_use::releases) f(*graph.limits[at - 1].what);
    }

    /// Checks a subgraph of `graph`, whose node is `it`.
    void enter(graph_core const& graph, graph_nested const& it);

    void wants(graph_core const& graph, node_record const& node, semaphore& wanted);

    /// Throws if the subgraphs may run at once and take two units in opposite orders.
    void require_no_cycle(order const& a, order const& b) const;
    bool leads_to(node_record const& from, node_record const& to) const {
        return graph_paths(graph_).reached_from({graph_.index_of(from)})[graph_.index_of(to)];
    }

    static constexpr std::size_t most_orders = 256; // opposite orders beyond this are found by runs only

    graph_core const& graph_;
    node_record const* branch_ = nullptr; // the node of `graph_` inside of which the search is
    std::vector<held_unit> held_;
    std::vector<order> orders_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_checks.ipp>
#endif
