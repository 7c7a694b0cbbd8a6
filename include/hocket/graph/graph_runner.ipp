// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_runner.hpp declares.
#pragma once

#include <hocket/graph/graph_runner.hpp>
#include <hocket/graph/graph_runner_record.hpp>
#include <hocket/graph/stuck_units.hpp>

#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

class graph_runner::waiting_place {
  public:
    explicit waiting_place(graph_runner& runner) noexcept
        : piece_(&stuck_units::look, runner.graph_, runner.current_, this_slot->kept), scope_(&piece_) {}

  private:
    graph_runner_record const piece_;
    stop_scope const scope_;
};

HOCKET_INLINE void graph_runner::begin(work_item* item) noexcept {
    auto* const batch = static_cast<graph_batch*>(item);
    graph_runner runner(*batch);
    running_scope const running(*runner.run_->promise); // so a wait of a node for its own run is detected
    stop_scope const scope(runner.run_);
    std::optional<waiting_place> place;
    if (runner.run_->may_wait) place.emplace(runner);
    fp_scope const mode(runner.run_->mode);
    worker& me = *this_slot;
    if (me.hidden != nullptr) me.hidden->show(*me.hidden); // of the runner whose call this runner runs below
    runner.outer = std::exchange(me.hidden, static_cast<hidden_work*>(&runner));
    if (batch->is_all()) runner.begin_pass();
    runner.work(runner.first_of(*batch));
    runner.keeper_.close();
    me.hidden = runner.outer;
}

HOCKET_INLINE graph_runner::graph_runner(graph_batch& batch) noexcept
    : hidden_work{&graph_runner::expose_all, &graph_runner::hand_out_all},
      graph_(batch.graph),
      edges_(batch.graph->edges.get()),
      run_(batch.graph->run),
      pass_(std::uint64_t{batch.graph->passes} << 32),
      keeper_(this_slot->kept),
      mode_(batch.graph->run->mode),
      sharing_(batch.graph->stride.load(std::memory_order_relaxed), batch.graph->run->quiet_until),
      ready_(batch) {}

HOCKET_NOINLINE HOCKET_INLINE void graph_runner::push_ranked(node_record& node) noexcept {
    if (!ready_.push_ranked(node))
        spawn_one(node, (node.flags & node_flags::high) != 0 ? priority::high : priority::low);
}

HOCKET_INLINE void graph_runner::work(node_record* next) noexcept {
    for (;;) {
        try {
            if (traversal_.active()) next = walk();
            run_nodes(next);
        } catch (...) {
            keeper_.end_call();
            fail();
        }
        if (stopped()) drop_all();
        next = conclude();
        if (graph_ == nullptr) return;
    }
}

HOCKET_NOINLINE HOCKET_INLINE void graph_runner::open() noexcept {
    keeper_.open(*this, run_->scope);
    run_->pool->announce(this_slot->domain);
}

HOCKET_INLINE node_record* graph_runner::walk() {
    if (traversal_.left() > 1 && !keeper_.is_open()) open();
    // These stay the same in a traversal. The compiler does not know that, and would load the members for each node.
    graph_run& run = *run_;
    kept_work& kept = keeper_.kept();
    auto const& attention = sharing_.attention();
    std::uint64_t const pass = pass_;
    while (traversal_.goes_on()) {
        if (run.is_stopped()) [[unlikely]]
            return nullptr;
        node_record& node = traversal_.pop();
        if (sharing_.due(attention)) {
            share_nodes();
            if (!traversal_.active()) return &node;
        }
        current_ = &node;
        mode_.reset(); // a change of the mode by a node ends with the node
        stop_scope::number_anew();
        kept.begin_call(reinterpret_cast<std::uintptr_t>(&node) + pass + 1); // odd, so not 0
        call_node(node, *this);
        mode_.end_body();
        keeper_.end_call(kept);
        if (!traversal_.active()) [[unlikely]] // the node waits or took long
            return finish(*current_);
    }
    traversal_.end(*graph_);
    return nullptr;
}

HOCKET_INLINE void graph_runner::run_nodes(node_record* node) {
    for (;;) {
        if (node == nullptr && (node = ready_.pop()) == nullptr) return;
        if (stopped()) [[unlikely]]
            return drop(*node);
        if (ready_.any()) {
            if (sharing_.due()) {
                current_ = nullptr; // a wait of this thread within `share_nodes` is no part of the last node
                share_nodes();
            }
            if (!keeper_.is_open() && ready_.any()) [[unlikely]]
                open();
        } else {
            look_at_urgent_here();
        }
        if ((node->flags & node_flags::special) != 0) [[unlikely]] {
            node = run_special(*node, 0);
            continue;
        }
        begin_node(*node);
        prefetch_successors(*node);
        call(*node);
        node = finish(*node);
    }
}

HOCKET_INLINE void graph_runner::begin_node(node_record& node) noexcept {
    current_ = &node;
    node.state.store(pass_ | node.before, std::memory_order_relaxed); // no predecessor counts before it has finished
}

HOCKET_INLINE bool graph_runner::count_down(node_record& node) const noexcept {
    std::uint64_t before = 0;
    if (is_alone()) { // asked each time: this runner may just have handed out nodes
        before = node.state.load(std::memory_order_relaxed);
        node.state.store(before - 1, std::memory_order_relaxed);
    } else {
        before = node.state.fetch_sub(1, std::memory_order_acq_rel); // graph.edge ->, <- graph.edge
    }
    return static_cast<std::uint32_t>(before) == 1;
}

HOCKET_INLINE node_record* graph_runner::end_part(node_record& node) noexcept {
    if (!is_last_part(node)) return nullptr;
    give_units(node);
    return finish(node);
}

HOCKET_INLINE std::uint32_t graph_runner::outermost_index(node_record const* node) const noexcept {
    graph_core const* graph = graph_;
    for (; graph->parent != nullptr; graph = graph->parent) node = graph->parent_node;
    return node != nullptr ? graph->index_of(*node) : ~std::uint32_t{0};
}

HOCKET_COLD HOCKET_INLINE void graph_runner::drop(node_record& node) noexcept {
    if (node.kind() == node_flags::child) drop_part(graph_child::end(node));
}

HOCKET_COLD HOCKET_INLINE void graph_runner::drop_all() noexcept {
    if (traversal_.active()) traversal_.give_up(*graph_);
    ready_.drop_range();
    while (node_record* const node = ready_.pop()) drop(*node);
}

HOCKET_NOINLINE HOCKET_INLINE void graph_runner::share_nodes() noexcept {
    if (this_slot != nullptr) look_at_urgent(*this_slot, pieces_beside_overdue / 8); // several nodes since the last one
    graph_sharing::amount const wanted =
        sharing_.decide(*run_->pool, traversal_.active() ? graph_traversal::spared(*graph_) : 0);
    if (wanted == graph_sharing::amount::nothing) return;
    leave_traversal();
    if (wanted == graph_sharing::amount::half && ready_.any()) share_some();
    while (wanted == graph_sharing::amount::all && ready_.any() && share_some()) {
    }
}

HOCKET_INLINE void graph_runner::leave_traversal() noexcept {
    if (!traversal_.goes_on()) return;
    graph_traversal::found const those = traversal_.leave(*graph_);
    ready_.begin_again(those.begin, those.count);
}

HOCKET_INLINE bool graph_runner::share_some() noexcept {
    try {
        priority level = priority::normal;
        graph_batch* const batch = ready_.split(*graph_, level);
        send(*batch, level);
        return true;
    } catch (...) {
        return false;
    }
}

HOCKET_COLD HOCKET_INLINE bool graph_runner::spill() noexcept {
    try {
        send(*ready_.split_ring(*graph_), priority::normal);
        return true;
    } catch (...) {
        run_->keep_error(outermost_index(nullptr));
        return false;
    }
}

HOCKET_COLD HOCKET_INLINE void graph_runner::spawn_one(node_record& node, priority level) noexcept {
    try {
        send(*graph_batch::make_of_one(*graph_, node), level);
    } catch (...) {
        run_->keep_error(outermost_index(nullptr));
        drop(node);
    }
}

HOCKET_INLINE void graph_runner::send(graph_batch& batch, priority level) noexcept {
    graph_->alive.fetch_add(1, std::memory_order_relaxed); // this runner is alive
    detail::spawn(*run_->pool, batch, run_->pool->worker_slots() == 1 ? priority::normal : level);
}

HOCKET_INLINE void graph_runner::begin_pass() noexcept {
    if (graph_->order.known())
        traversal_.begin(*graph_);
    else
        ready_.begin_again(graph_->edges.get() + graph_->first_root, graph_->roots);
}

HOCKET_INLINE node_record* graph_runner::first_of(graph_batch& batch) noexcept {
    if (batch.held == 0) return nullptr;
    node_record& node = ready_.pop_first();
    if (!stopped()) return resume(node, batch.held);
    graph_units(*graph_, node).give_back(batch.held);
    return nullptr;
}

HOCKET_INLINE node_record* graph_runner::resume(node_record& node, std::uint32_t held) noexcept {
    try {
        return run_special(node, held);
    } catch (...) {
        fail();
        return nullptr;
    }
}

HOCKET_INLINE node_record* graph_runner::conclude() noexcept {
    stop_scope::forget_listeners();
    current_ = nullptr;
    for (;;) {
        graph_core& ended = *graph_;
        ready_.end();
        if (ended.stride.load(std::memory_order_relaxed) != sharing_.stride())
            ended.stride.store(sharing_.stride(), std::memory_order_relaxed);
        if (!(run_->lends ? graph_units::end_runner(ended) : ended.count_off())) {
            graph_ = nullptr;
            return nullptr;
        }
        if (stopped() || ended.has_conditions) ended.uneven = true;
        if (ended.parent == nullptr) {
            if (!end_pass(ended)) graph_ = nullptr;
            return nullptr;
        }
        node_record& node = *std::exchange(ended.parent_node, nullptr);
        graph_core& around = *std::exchange(ended.parent, nullptr);
        ended.running.store(false, std::memory_order_release); // graph.idle ->
        graph_ = &around;
        edges_ = around.edges.get();
        pass_ = std::uint64_t{around.passes} << 32;
        give_units(node);
        if (stopped()) continue;
        if (node_record* const next = finish(node)) return next;
        if (ready_.any()) return nullptr;
    }
}

HOCKET_NOINLINE HOCKET_INLINE bool graph_runner::end_pass(graph_core& ended) noexcept {
    graph_run& run = *run_;
    mode_.reset();
    if (!stopped() && wants_more(run)) {
        ended.begin_pass(run);
        pass_ = std::uint64_t{ended.passes} << 32;
        ended.alive.store(1, std::memory_order_relaxed);
        begin_pass();
        return true;
    }
    if (run.may_wait) stuck_units::let_searches_end();
    ended.end_run().tell(); // from here on the graph may be gone
    return false;
}

HOCKET_INLINE bool graph_runner::wants_more(graph_run& run) noexcept {
    if (run.until == nullptr) return run.passes_left != 0 && run.passes_left-- != 0;
    try {
        return !run.until->done();
    } catch (...) {
        run.keep_error(~std::uint32_t{0});
        return false;
    }
}

} // namespace
