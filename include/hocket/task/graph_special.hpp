// SPDX-License-Identifier: MIT
// How a slice runs nodes that are more than a callable, floor 5: those that semaphores limit, conditions, spawning nodes and
// their children, and nodes that run another graph. Part of graph_slice.hpp.
#pragma once

#include <hocket/sched/spawn.hpp>
#include <hocket/task/graph_core.hpp>
#include <hocket/task/graph_share.hpp>
#include <hocket/task/graph_slice.hpp>
#include <hocket/task/graph_units.hpp>
#include <hocket/task/node_record.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace hocket::detail {

HOCKET_NOINLINE inline node_record* graph_slice::run_special(node_record& node, std::uint32_t held) {
    current_ = nullptr;
    if ((node.flags & node_flags::limited) != 0 && !graph_units(*graph_, node).take(held)) return nullptr;
    current_ = &node;
    if (node.kind() != node_flags::child) begin_node(node);
    switch (node.kind()) {
    case node_flags::condition:
        choice_ = -1;
        call_node(node, *this);
        give_units(node);
        return choice_ >= 0 && choice_ < std::int64_t{node.count} ? edges_[node.first + std::uint32_t(choice_)]
                                                                  : nullptr;
    case node_flags::spawning: {
        parts_of(node).left.store(1, std::memory_order_relaxed);
        call_node(node, *this);
        return end_part(node);
    }
    case node_flags::child: {
        call_node(node, *this);
        return end_part(graph_child::end(node));
    }
    case node_flags::subgraph: begin_nested(node); return nullptr;
    default:
        call_node(node, *this);
        give_units(node);
        return finish(node);
    }
}

HOCKET_COLD inline void call_traced(node_record& node, graph_slice& slice) {
    trace_scope::rename("graph", "graph"); // what runs the slice
    trace_scope const scope("child", "node");
    if (node.kind() != node_flags::child) {
        char number[32];
        std::string_view const name = slice.graph().name_of(node);
        std::snprintf(number, sizeof number, "node %u", slice.graph().index_of(node));
        trace_scope::rename(name.empty() ? number : name.data(), "node");
    }
    node.call(node, slice);
}

inline void graph_slice::begin_nested(node_record& node) {
    graph_core& inner = *graph_core::body_of<graph_core>(node);
    if (inner.running.exchange(true, std::memory_order_acquire)) // <- graph.idle
        throw std::logic_error("hocket: a graph was to run as a subgraph while it runs elsewhere");
    graph_share* share = nullptr;
    try {
        inner.freeze();
        inner.begin_pass(*run_);
        share = graph_share::make_of_all(inner);
    } catch (...) {
        inner.running.store(false, std::memory_order_release); // graph.idle ->
        throw;
    }
    inner.parent = graph_;
    inner.parent_node = &node;
    inner.alive.store(1, std::memory_order_relaxed);
    graph_->alive.fetch_add(1, std::memory_order_relaxed); // this slice is alive
    spawn(*run_->pool, *share);
}

} // namespace hocket::detail
