// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_slice.hpp declares.
#pragma once

#include <hocket/graph/graph_piece.hpp>
#include <hocket/graph/graph_slice.hpp>
#include <hocket/graph/stuck_units.hpp>

#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

class graph_slice::waiting_place {
  public:
    explicit waiting_place(graph_slice& slice) noexcept
        : piece_(&stuck_units::look, slice.graph_, slice.current_, this_context->kept), scope_(&piece_) {}

  private:
    graph_piece const piece_;
    stop_scope const scope_;
};

HOCKET_INLINE void graph_slice::begin(work_item* item) noexcept {
    auto* const share = static_cast<graph_share*>(item);
    graph_slice slice(*share);
    running_scope const running(*slice.run_->promise); // so a wait of a node for its own run is detected
    stop_scope const scope(slice.run_);
    std::optional<waiting_place> place;
    if (slice.run_->may_wait) place.emplace(slice);
    fp_scope const mode(slice.run_->mode);
    worker& me = *this_context;
    if (me.hidden != nullptr) me.hidden->show(*me.hidden); // of the slice whose call this slice runs below
    slice.outer = std::exchange(me.hidden, static_cast<hidden_work*>(&slice));
    if (share->is_all()) slice.begin_pass();
    slice.work(slice.first_of(*share));
    slice.keeper_.close();
    me.hidden = slice.outer;
}

HOCKET_INLINE graph_slice::graph_slice(graph_share& share) noexcept
    : hidden_work{&graph_slice::show_all, &graph_slice::hand_out_all},
      graph_(share.graph),
      edges_(share.graph->edges.get()),
      run_(share.graph->run),
      pass_(std::uint64_t{share.graph->passes} << 32),
      keeper_(this_context->kept),
      mode_(share.graph->run->mode),
      pace_(share.graph->stride.load(std::memory_order_relaxed), share.graph->run->quiet_until),
      ready_(share) {}

HOCKET_NOINLINE HOCKET_INLINE void graph_slice::push_ranked(node_record& node) noexcept {
    if (!ready_.push_ranked(node)) spawn_one(node, (node.flags & node_flags::high) != 0 ? urgency::high : urgency::low);
}

HOCKET_INLINE void graph_slice::work(node_record* next) noexcept {
    for (;;) {
        try {
            if (walk_.active()) next = walk();
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

HOCKET_NOINLINE HOCKET_INLINE void graph_slice::open() noexcept {
    keeper_.open(*this, run_->scope);
    run_->pool->announce(this_context->domain);
}

HOCKET_INLINE node_record* graph_slice::walk() {
    if (walk_.left() > 1 && !keeper_.is_open()) open();
    while (walk_.goes_on()) {
        if (stopped()) [[unlikely]]
            return nullptr;
        node_record& node = walk_.pop();
        if (pace_.due()) {
            visit();
            if (!walk_.active()) return &node;
        }
        current_ = &node;
        call(node);
        if (!walk_.active()) [[unlikely]] // the node waits or took long
            return finish(node);
    }
    walk_.end(*graph_);
    return nullptr;
}

HOCKET_INLINE void graph_slice::run_nodes(node_record* node) {
    for (;;) {
        if (node == nullptr && (node = ready_.pop()) == nullptr) return;
        if (stopped()) [[unlikely]]
            return drop(*node);
        if (ready_.any()) {
            if (pace_.due()) {
                current_ = nullptr; // a wait of this thread within `visit` is no part of the last node
                visit();
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

HOCKET_INLINE void graph_slice::begin_node(node_record& node) noexcept {
    current_ = &node;
    node.state.store(pass_ | node.before, std::memory_order_relaxed); // no predecessor counts before it has finished
}

HOCKET_INLINE bool graph_slice::count_down(node_record& node) const noexcept {
    std::uint64_t before = 0;
    if (is_alone()) { // asked each time: this slice may just have handed out nodes
        before = node.state.load(std::memory_order_relaxed);
        node.state.store(before - 1, std::memory_order_relaxed);
    } else {
        before = node.state.fetch_sub(1, std::memory_order_acq_rel); // graph.edge ->, <- graph.edge
    }
    return static_cast<std::uint32_t>(before) == 1;
}

HOCKET_INLINE node_record* graph_slice::end_part(node_record& node) noexcept {
    if (!is_last_part(node)) return nullptr;
    give_units(node);
    return finish(node);
}

HOCKET_INLINE std::uint32_t graph_slice::outermost_index(node_record const* node) const noexcept {
    graph_core const* graph = graph_;
    for (; graph->parent != nullptr; graph = graph->parent) node = graph->parent_node;
    return node != nullptr ? graph->index_of(*node) : ~std::uint32_t{0};
}

HOCKET_COLD HOCKET_INLINE void graph_slice::drop(node_record& node) noexcept {
    if (node.kind() == node_flags::child) drop_part(graph_child::end(node));
}

HOCKET_COLD HOCKET_INLINE void graph_slice::drop_all() noexcept {
    if (walk_.active()) walk_.give_up(*graph_);
    ready_.drop_range();
    while (node_record* const node = ready_.pop()) drop(*node);
}

HOCKET_NOINLINE HOCKET_INLINE void graph_slice::visit() noexcept {
    if (this_context != nullptr)
        look_at_urgent(*this_context, pieces_beside_overdue / 8); // several nodes since the last one
    graph_pace::share const wanted = pace_.decide(*run_->pool, walk_.active() ? graph_walk::spared(*graph_) : 0);
    if (wanted == graph_pace::share::nothing) return;
    leave_walk();
    if (wanted == graph_pace::share::half && ready_.any()) share_some();
    while (wanted == graph_pace::share::all && ready_.any() && share_some()) {
    }
}

HOCKET_INLINE void graph_slice::leave_walk() noexcept {
    if (!walk_.goes_on()) return;
    graph_walk::found const those = walk_.leave(*graph_);
    ready_.begin_again(those.begin, those.count);
}

HOCKET_INLINE bool graph_slice::share_some() noexcept {
    try {
        urgency level = urgency::normal;
        graph_share* const share = ready_.split(*graph_, level);
        send(*share, level);
        return true;
    } catch (...) {
        return false;
    }
}

HOCKET_COLD HOCKET_INLINE bool graph_slice::spill() noexcept {
    try {
        send(*ready_.split_ring(*graph_), urgency::normal);
        return true;
    } catch (...) {
        run_->keep_error(outermost_index(nullptr));
        return false;
    }
}

HOCKET_COLD HOCKET_INLINE void graph_slice::spawn_one(node_record& node, urgency level) noexcept {
    try {
        send(*graph_share::make_of_one(*graph_, node), level);
    } catch (...) {
        run_->keep_error(outermost_index(nullptr));
        drop(node);
    }
}

HOCKET_INLINE void graph_slice::send(graph_share& share, urgency level) noexcept {
    graph_->alive.fetch_add(1, std::memory_order_relaxed); // this slice is alive
    spawn(*run_->pool, share, run_->pool->contexts() == 1 ? urgency::normal : level);
}

HOCKET_INLINE void graph_slice::begin_pass() noexcept {
    if (graph_->order.known())
        walk_.begin(*graph_);
    else
        ready_.begin_again(graph_->edges.get() + graph_->first_root, graph_->roots);
}

HOCKET_INLINE node_record* graph_slice::first_of(graph_share& share) noexcept {
    if (share.held == 0) return nullptr;
    node_record& node = ready_.pop_first();
    if (!stopped()) return resume(node, share.held);
    graph_units(*graph_, node).give_back(share.held);
    return nullptr;
}

HOCKET_INLINE node_record* graph_slice::resume(node_record& node, std::uint32_t held) noexcept {
    try {
        return run_special(node, held);
    } catch (...) {
        fail();
        return nullptr;
    }
}

HOCKET_INLINE node_record* graph_slice::conclude() noexcept {
    stop_scope::forget_listeners();
    current_ = nullptr;
    for (;;) {
        graph_core& ended = *graph_;
        ready_.end();
        if (ended.stride.load(std::memory_order_relaxed) != pace_.stride())
            ended.stride.store(pace_.stride(), std::memory_order_relaxed);
        if (!(run_->lends ? graph_units::end_slice(ended) : ended.count_off())) {
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

HOCKET_NOINLINE HOCKET_INLINE bool graph_slice::end_pass(graph_core& ended) noexcept {
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

HOCKET_INLINE bool graph_slice::wants_more(graph_run& run) noexcept {
    if (run.until == nullptr) return run.passes_left != 0 && run.passes_left-- != 0;
    try {
        return !run.until->done();
    } catch (...) {
        run.keep_error(~std::uint32_t{0});
        return false;
    }
}

} // namespace
