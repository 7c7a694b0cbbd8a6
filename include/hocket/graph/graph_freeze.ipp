// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_freeze.hpp declares.
#pragma once

#include <hocket/graph/graph_freeze.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void graph_core::make_flat() {
    std::size_t const all = std::size_t{edges_made.size()} + nodes.size();
    if (all >> 32 != 0) throw std::length_error("hocket: a task_graph cannot hold more than 2^32 edges and nodes");
    std::unique_ptr<node_record*[]> flat(new node_record*[all + 1]);
    nodes.for_each([](node_record& node) { node.count = 0; });
    edges_made.for_each([](graph_edge const& edge) { ++edge.from->count; });
    std::uint32_t next = 0;
    nodes.for_each([&](node_record& node) {
        node.first = next;
        next += node.count;
    });
    edges_made.for_each([&](graph_edge const& edge) { flat[edge.from->first++] = edge.to; });
    first_root = next;
    for (std::uint32_t const rank : {node_flags::high, std::uint32_t{0}, node_flags::low})
        nodes.for_each([&](node_record& node) {
            if (node.before == 0 && (node.flags & node_flags::chosen) == 0 && (node.flags & node_flags::ranked) == rank)
                flat[next++] = &node;
        });
    roots = next - first_root;
    put_in_order();
    nodes.for_each([&](node_record& node) {
        node.first -= node.count;
        node.state.store(node.before, std::memory_order_relaxed);
        node.flags &= ~node_flags::near;
        if ((node.flags & node_flags::small) == 0 || node.count > node_record::most_near) return;
        node.flags |= node_flags::near;
        for (std::uint32_t i = 0; i < node.count; ++i) node.near()[i] = flat[node.first + i];
    });
    edges = std::move(flat);
    passes = 0;
    walked = 0;
    uneven = false;
    sealed = true;
}

/// Checks the graph, and makes its topological order if it may have one. Nodes still hold their numbers.
HOCKET_COLD HOCKET_INLINE void graph_core::put_in_order() {
    bool forward = true;
    edges_made.for_each([&](graph_edge const& edge) { forward &= index_of(*edge.from) < index_of(*edge.to); });
    std::unique_ptr<std::uint32_t[]> numbers;
    if (!forward || has_conditions) numbers = sorted();
    std::uint32_t unusual = 0;
    nodes.for_each([&](node_record const& node) { unusual |= node.flags; });
    if ((unusual & (node_flags::special | node_flags::ranked | node_flags::chosen)) != 0) return;
    order.reserve(nodes.size());
    std::uint32_t place = 0;
    auto const set = [&](node_record& node) {
        node.state.store(place, std::memory_order_relaxed);
        order.set(place++, node, node.before == 0);
    };
    if (forward)
        nodes.for_each(set);
    else
        for (std::uint32_t i = 0; i < nodes.size(); ++i) set(nodes[numbers[i]]);
    edges_made.for_each(
        [&](graph_edge const& edge) { order.add_edge(index_of(*edge.from), index_of(*edge.to), edge.to->before > 1); });
    order.seal();
}

HOCKET_COLD HOCKET_INLINE std::unique_ptr<std::uint32_t[]> graph_core::sorted() const {
    std::uint32_t const n = nodes.size();
    std::unique_ptr<std::uint32_t[]> const starts(new std::uint32_t[std::size_t{n} + 1]());
    std::unique_ptr<std::uint32_t[]> const targets(new std::uint32_t[std::size_t{edges_made.size()} + 1]);
    std::unique_ptr<std::uint32_t[]> const waits(new std::uint32_t[std::size_t{n} + 1]());
    std::unique_ptr<std::uint32_t[]> ready(new std::uint32_t[std::size_t{n} + 1]);
    auto const for_each_strong = [&](auto&& f) {
        edges_made.for_each([&](graph_edge const& edge) {
            if (edge.from->kind() != node_flags::condition) f(index_of(*edge.from), index_of(*edge.to));
        });
    };
    for_each_strong([&](std::uint32_t from, std::uint32_t to) {
        ++starts[from];
        ++waits[to];
    });
    for (std::uint32_t i = 0, sum = 0; i <= n; ++i) sum += std::exchange(starts[i], sum);
    for_each_strong([&](std::uint32_t from, std::uint32_t to) { targets[starts[from]++] = to; });
    for (std::uint32_t i = n; i != 0; --i) starts[i] = starts[i - 1];
    if (n != 0) starts[0] = 0;
    std::uint32_t known = 0;
    for (std::uint32_t i = 0; i < n; ++i)
        if (waits[i] == 0) ready[known++] = i;
    for (std::uint32_t done = 0; done < known; ++done)
        for (std::uint32_t e = starts[ready[done]]; e != starts[ready[done] + 1]; ++e)
            if (--waits[targets[e]] == 0) ready[known++] = targets[e];
    if (known == n) {
        if (has_conditions) require_reachable(*this);
        return ready;
    }

    // Each node that is left has a predecessor that is left. So a walk backwards from any of them ends in a cycle.
    std::unique_ptr<std::uint32_t[]> const previous(new std::uint32_t[n]);
    for (std::uint32_t i = 0; i < n; ++i)
        if (waits[i] != 0)
            for (std::uint32_t e = starts[i]; e != starts[i + 1]; ++e) previous[targets[e]] = i;
    std::uint32_t at = 0;
    while (waits[at] == 0) ++at;
    for (std::uint32_t step = 0; step < n; ++step) at = previous[at];
    std::string cycle = title_of(nodes[at]);
    std::uint32_t length = 1;
    std::string text = cycle;
    for (std::uint32_t node = previous[at]; node != at; node = previous[node], ++length)
        if (length < 16) text = title_of(nodes[node]) + " -> " + text;
    if (length > 16) text = "... -> " + text;
    throw std::invalid_argument(
        "hocket: nodes of a task_graph wait for each other in a cycle, so none of them can start: " + cycle + " -> " +
        text);
}

} // namespace
