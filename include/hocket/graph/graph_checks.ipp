// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_checks.hpp declares.
#pragma once

#include <hocket/graph/graph_checks.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE graph_paths::graph_paths(graph_core const& graph)
    : graph_(graph), starts_(std::size_t{graph.nodes.size()} + 2), targets_(graph.edges_made.size()) {
    graph.edges_made.for_each([&](graph_edge const& edge) { ++starts_[graph.index_of(*edge.from) + 2]; });
    for (std::size_t i = 2; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    graph.edges_made.for_each([&](graph_edge const& edge) {
        targets_[starts_[graph.index_of(*edge.from) + 1]++] = graph.index_of(*edge.to);
    });
}

HOCKET_INLINE std::vector<bool> graph_paths::reached_from(std::vector<std::uint32_t> from) const {
    std::vector<bool> reached(graph_.nodes.size());
    for (std::uint32_t const node : from) reached[node] = true;
    while (!from.empty()) {
        std::uint32_t const node = from.back();
        from.pop_back();
        for (std::uint32_t e = starts_[node]; e != starts_[node + 1]; ++e) {
            if (reached[targets_[e]]) continue;
            reached[targets_[e]] = true;
            from.push_back(targets_[e]);
        }
    }
    return reached;
}

HOCKET_COLD HOCKET_INLINE void require_reachable(graph_core const& graph) {
    std::vector<std::uint32_t> first;
    std::vector<bool> waits(graph.nodes.size());
    graph.edges_made.for_each([&](graph_edge const& edge) { waits[graph.index_of(*edge.to)] = true; });
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i)
        if (!waits[i]) first.push_back(i);
    std::vector<bool> const reached = graph_paths(graph).reached_from(std::move(first));
    std::string names;
    unsigned lost = 0;
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i)
        if (!reached[i] && ++lost <= 8) names += (lost != 1 ? ", " : "") + graph.title_of(graph.nodes[i]);
    if (lost == 0) return;
    throw std::invalid_argument(
        "hocket: nodes of a task_graph can never start, because no node without predecessors leads to their loop: " +
        names + (lost > 8 ? ", ..." : ""));
}

HOCKET_INLINE void units_check::run() {
    graph_.nested.for_each([&](graph_nested const& it) {
        branch_ = it.node;
        enter(graph_, it);
    });
    for (std::size_t i = 0; i < orders_.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) require_no_cycle(orders_[i], orders_[j]);
    graph_.nested.for_each([](graph_nested const& it) { units_check(*it.graph).run(); });
}

HOCKET_INLINE void units_check::enter(graph_core const& graph, graph_nested const& it) {
    std::size_t const outer = held_.size();
    for_each_limit(graph, *it.node, [&](semaphore& s) { held_.push_back({&s, graph.title_of(*it.node)}); });
    if (!held_.empty())
        it.graph->nodes.for_each([&](node_record const& node) {
            for_each_limit(*it.graph, node, [&](semaphore& s) { wants(*it.graph, node, s); });
        });
    it.graph->nested.for_each([&](graph_nested const& inner) { enter(*it.graph, inner); });
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(outer), held_.end());
}

HOCKET_INLINE void units_check::wants(graph_core const& graph, node_record const& node, semaphore& wanted) {
    std::size_t taken = 0;
    for (held_unit const& held : held_) {
        if (held.what != &wanted) {
            if (orders_.size() < most_orders)
                orders_.push_back({branch_, held.what, &wanted, graph.title_of(node) + " in " + held.by});
        } else if (++taken == wanted.units()) {
            throw std::invalid_argument(
                "hocket: a node of a task_graph waits forever for a unit of a semaphore: " + graph.title_of(node) +
                " wants one, and " + held.by + ", which encloses it, holds the last one");
        }
    }
}

HOCKET_INLINE void units_check::require_no_cycle(order const& a, order const& b) const {
    if (a.first != b.second || a.second != b.first || a.branch == b.branch) return;
    if (a.first->units() != 1 || a.second->units() != 1 || leads_to(*a.branch, *b.branch) ||
        leads_to(*b.branch, *a.branch))
        return;
    throw std::invalid_argument("hocket: nodes of a task_graph may wait forever for units of semaphores that subgraphs "
                                "take in opposite orders: " +
                                a.names + ", and " + b.names);
}

HOCKET_COLD HOCKET_INLINE void graph_core::require_units() const {
    bool any = false;
    nested.for_each([&](graph_nested const&) { any = true; });
    if (any) units_check(*this).run();
}

} // namespace
