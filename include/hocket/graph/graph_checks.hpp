// SPDX-License-Identifier: MIT
// What is wrong with a graph can be seen before it runs: nodes that no path leads to, and nodes that would wait for
// units of semaphores which the subgraphs around them hold. Called by `validate()` and before the first run after a
// change.
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

/// The edges of a graph by the nodes from which they lead, also those of conditions.
class graph_paths {
  public:
    explicit graph_paths(graph_core const& graph);

    /// Which nodes can be reached from `from`, themselves included.
    std::vector<bool> reached_from(std::vector<std::uint32_t> from) const;

  private:
    graph_core const& graph_;
    std::vector<std::uint32_t> starts_; // of node i's edges in `targets_`, and their end at i + 1
    std::vector<std::uint32_t> targets_;
};

/// Throws std::invalid_argument if no path leads from a node that can begin by itself to some node.
[[gnu::cold]] void require_reachable(graph_core const& graph);

/// Looks for nodes that would wait for what is held around them.
class units_check {
  public:
    explicit units_check(graph_core const& graph) : graph_(graph) {}

    /// Throws std::invalid_argument, std::bad_alloc.
    void run();

  private:
    struct held_unit {
        semaphore* what;
        std::string by;
    };
    /// Within `branch` a node holds a unit of `first` while another one waits for a unit of `second`.
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

    /// A subgraph of `graph`, whose node is `it`.
    void enter(graph_core const& graph, graph_nested const& it);

    void wants(graph_core const& graph, node_record const& node, semaphore& wanted);

    /// Two subgraphs that may run at once, and take two units in opposite orders.
    void require_no_circle(order const& a, order const& b) const;
    bool leads_to(node_record const& from, node_record const& to) const {
        return graph_paths(graph_).reached_from({graph_.index_of(from)})[graph_.index_of(to)];
    }

    static constexpr std::size_t most_orders = 256; // beyond that only runs find opposite orders

    graph_core const& graph_;
    node_record const* branch_ = nullptr; // the node of `graph_` inside of which the search is
    std::vector<held_unit> held_;
    std::vector<order> orders_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_checks.ipp>
#endif
