// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_special.hpp declares.
#pragma once

#include <hocket/graph/graph_special.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE graph_batch::graph_batch(graph_core& its_graph, std::uint32_t its_bytes) noexcept
    : graph(&its_graph), bytes(its_bytes) {
    work_item::run = &graph_runner::begin;
    scope = its_graph.run->scope;
}

HOCKET_NOINLINE HOCKET_INLINE node_record* graph_runner::run_special(node_record& node, std::uint32_t held) {
    current_ = nullptr;
    if ((node.flags & node_flags::limited) != 0 && !graph_units(*graph_, node).take(held)) return nullptr;
    current_ = &node;
    if (node.kind() != node_flags::child) begin_node(node);
    switch (node.kind()) {
    case node_flags::condition:
        choice_ = -1;
        call(node);
        give_units(node);
        return choice_ >= 0 && choice_ < std::int64_t{node.count} ? edges_[node.first + std::uint32_t(choice_)]
                                                                  : nullptr;
    case node_flags::spawning: {
        parts_of(node).left.store(1, std::memory_order_relaxed);
        call(node);
        return end_part(node);
    }
    case node_flags::child: {
        call(node);
        keeper_.begin_call(); // the destructor of its callable
        node_record& owner = graph_child::end(node);
        current_ = nullptr;
        keeper_.end_call();
        return end_part(owner);
    }
    case node_flags::subgraph: begin_nested(node); return nullptr;
    default:
        call(node);
        give_units(node);
        return finish(node);
    }
}

HOCKET_INLINE void graph_runner::add_child(graph_child& node) noexcept {
    parts_of(*node.owner).left.fetch_add(1, std::memory_order_relaxed); // the body that adds it is a part as well
    if (thread_ != &this_slot || this_slot->hidden != this)
        return spawn_one(node, priority::normal); // from a thread that helps the body, or below another runner
    keeper_.end_call();
    push(node);
    if (sharing_.due()) share_nodes();
    if (!keeper_.is_open() && ready_.any()) open();
    keeper_.begin_call();
}

HOCKET_INLINE void graph_runner::choose_also(node_record& condition, std::int64_t successor) noexcept {
    if (successor < 0 || successor >= std::int64_t{condition.count}) return;
    node_record& node = *edges_[condition.first + static_cast<std::uint32_t>(successor)];
    keeper_.end_call();
    (node.flags & node_flags::ranked) != 0 ? push_ranked(node) : push(node);
    keeper_.begin_call();
}

HOCKET_COLD HOCKET_INLINE void graph_runner::expose_all(hidden_work& self) noexcept {
    auto& runner = static_cast<graph_runner&>(self);
    runner.keeper_.end_call();
    hand_out_all(runner);
    runner.keeper_.close();
}

HOCKET_COLD HOCKET_INLINE void graph_runner::hand_out_all(hidden_work& self) noexcept {
    auto& runner = static_cast<graph_runner&>(self);
    if (runner.traversal_.goes_on()) {
        runner.leave_traversal();
        node_record& node = *runner.current_;
        node.state.store(runner.pass_ | node.before,
                         std::memory_order_relaxed); // from now on it says that the node began
    }
    while (runner.ready_.any() && runner.share_some()) {
    }
}

/// Records the exception that the current node has thrown.
HOCKET_COLD HOCKET_INLINE void graph_runner::fail() noexcept {
    mode_.reset_all();
    if (current_ == nullptr) return run_->keep_error(outermost_index(nullptr));
    node_record& node = *current_;
    switch (node.kind()) {
    case node_flags::child:
        run_->keep_error(outermost_index(&graph_child::owner_of(node)));
        drop_part(graph_child::end(node));
        break;
    case node_flags::spawning:
        run_->keep_error(outermost_index(&node));
        drop_part(node);
        break;
    default: run_->keep_error(outermost_index(&node)); give_units(node);
    }
}

HOCKET_COLD HOCKET_INLINE void call_traced(node_record& node, graph_runner& runner) {
    trace_scope::rename("graph", "graph"); // the task that runs the runner
    trace_scope const scope("child", "node");
    if (node.kind() != node_flags::child) {
        char number[32];
        std::string_view const name = runner.graph().name_of(node);
        std::snprintf(number, sizeof number, "node %u", runner.graph().index_of(node));
        trace_scope::rename(name.empty() ? number : name.data(), "node");
    }
    node.call(node, runner);
}

HOCKET_INLINE void graph_runner::begin_nested(node_record& node) {
    graph_core& inner = *graph_core::body_of<graph_core>(node);
    if (inner.running.exchange(true, std::memory_order_acquire)) // <- graph.idle
        throw std::logic_error("hocket: a graph cannot run as a subgraph while it runs elsewhere");
    graph_batch* batch = nullptr;
    try {
        inner.freeze();
        inner.begin_pass(*run_);
        batch = graph_batch::make_of_all(inner);
    } catch (...) {
        inner.running.store(false, std::memory_order_release); // graph.idle ->
        throw;
    }
    inner.parent = graph_;
    inner.parent_node = &node;
    inner.alive.store(1, std::memory_order_relaxed);
    graph_->alive.fetch_add(1, std::memory_order_relaxed); // this runner is alive
    spawn(*run_->pool, *batch);
}

} // namespace
