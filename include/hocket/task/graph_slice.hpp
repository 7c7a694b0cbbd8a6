// SPDX-License-Identifier: MIT
// Running a graph, floor 5. A slice is a piece of a run on one thread: it begins with some ready nodes, keeps those that it
// makes ready to itself, and hands a share of them to other threads now and then. There is no counter that every node
// touches: the run is over when no slice is left. The argument is in README.md of this folder.
#pragma once

#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/worker.hpp>
#include <hocket/task/graph_core.hpp>
#include <hocket/task/graph_pace.hpp>
#include <hocket/task/graph_ready.hpp>
#include <hocket/task/graph_share.hpp>
#include <hocket/task/graph_units.hpp>
#include <hocket/task/graph_walk.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

namespace hocket::detail {

class graph_slice : hidden_work {
  public:
    /// What a queue holds of a run: see graph_share.
    static void begin(work_item* item) noexcept {
        auto* const share = static_cast<graph_share*>(item);
        graph_slice slice(*share);
        stop_scope const scope(slice.run_);
        worker* const me = this_context;
        if (me != nullptr) slice.outer = std::exchange(me->hidden, static_cast<hidden_work*>(&slice));
        if (share->is_all()) slice.begin_pass();
        slice.work(slice.first_of(*share));
        if (me != nullptr) me->hidden = slice.outer;
    }

    /// A condition says which successor comes next.
    void choose(std::int64_t successor) noexcept { choice_ = successor; }

    /// A spawning node, or a child of one, has another child; its body still runs.
    void add_child(graph_child& node) noexcept {
        parts_of(*node.owner).left.fetch_add(1, std::memory_order_relaxed); // the body that adds it is a part as well
        if (thread_ != &this_context) return spawn_one(node, urgency::normal); // from a thread that helps the body
        push(node);
        if (pace_.due()) visit();
    }

    graph_core& graph() const noexcept { return *graph_; }

  private:
    explicit graph_slice(graph_share& share) noexcept
        : hidden_work{&graph_slice::show_all},
          graph_(share.graph),
          edges_(share.graph->edges.get()),
          run_(share.graph->run),
          pass_(std::uint64_t{share.graph->passes} << 32),
          pace_(share.graph->stride.load(std::memory_order_relaxed), share.graph->run->quiet_until),
          ready_(share) {}

    HOCKET_ALWAYS_INLINE void push(node_record& node) noexcept {
        if (ready_.full()) [[unlikely]]
            if (!spill()) return drop(node);
        ready_.push(node);
    }
    HOCKET_NOINLINE void push_ranked(node_record& node) noexcept {
        if (!ready_.push_ranked(node))
            spawn_one(node, (node.flags & node_flags::high) != 0 ? urgency::high : urgency::low);
    }

    // Running nodes.

    /// Until this slice has nothing left to do. Never nested: what a node makes ready runs in the loop, not below the node.
    void work(node_record* next) noexcept {
        for (;;) {
            try {
                if (walk_.active()) next = walk();
                run_nodes(next);
            } catch (...) {
                fail();
            }
            if (stopped()) drop_all();
            next = conclude();
            if (graph_ == nullptr) return;
        }
    }

    /// While nobody else runs nodes of the graph. Returns one to go on with otherwise.
    node_record* walk() {
        while (walk_.goes_on()) {
            if (stopped()) [[unlikely]]
                return nullptr;
            node_record& node = walk_.pop();
            if (pace_.due()) visit();
            if (!walk_.active()) return &node;
            current_ = &node;
            call_node(node, *this);
            if (!walk_.active()) [[unlikely]] // it waits
                return finish(node);
        }
        walk_.end(*graph_);
        return nullptr;
    }

    void run_nodes(node_record* node) {
        for (;;) {
            if (node == nullptr && (node = ready_.pop()) == nullptr) return;
            if (stopped()) [[unlikely]]
                return drop(*node);
            if (ready_.any() && pace_.due()) visit();
            if ((node->flags & node_flags::special) != 0) [[unlikely]] {
                node = run_special(*node, 0);
                continue;
            }
            begin_node(*node);
            prefetch_successors(*node);
            call_node(*node, *this);
            node = finish(*node);
        }
    }

    /// They come from memory while the node runs.
    HOCKET_ALWAYS_INLINE void prefetch_successors(node_record const& node) const noexcept {
        node_record* const* const edge = (node.flags & node_flags::near) != 0 ? node.near() : edges_ + node.first;
        std::uint32_t const count = node.count < most_prefetched ? node.count : most_prefetched;
        for (std::uint32_t i = 0; i != count; ++i) prefetch_for_write(edge[i]);
    }

    void begin_node(node_record& node) noexcept {
        current_ = &node;
        node.state.store(pass_ | node.before, std::memory_order_relaxed); // nobody else counts here before it ends
    }

    /// No other slice of this graph runs or waits anywhere: until this one shares, it need not be careful.
    bool is_alone() const noexcept { return graph_->alive.load(std::memory_order_acquire) == 1; } // <- graph.alive

    /// One of its predecessors has ended: true for the last one.
    bool count_down(node_record& node) const noexcept {
        std::uint64_t before = 0;
        if (is_alone()) { // asked each time: this slice may just have shared
            before = node.state.load(std::memory_order_relaxed);
            node.state.store(before - 1, std::memory_order_relaxed);
        } else {
            before = node.state.fetch_sub(1, std::memory_order_acq_rel); // graph.edge ->, <- graph.edge
        }
        return static_cast<std::uint32_t>(before) == 1;
    }

    template<class F>
    HOCKET_ALWAYS_INLINE void for_successors(node_record& node, F const& f) noexcept {
        node_record* const* edge = (node.flags & node_flags::near) != 0 ? node.near() : edges_ + node.first;
        node_record* const* const end = edge + node.count;
        for (; edge != end; ++edge) f(**edge);
    }

    /// Makes successors ready; returns one of them to go on with, or another node of this slice, or null.
    HOCKET_ALWAYS_INLINE node_record* finish(node_record& node) noexcept {
        node_record* next = nullptr;
        for_successors(node, [&](node_record& successor) {
            if (successor.before != 1 && !count_down(successor)) return;
            if ((successor.flags & node_flags::ranked) != 0) [[unlikely]]
                push_ranked(successor);
            else if (next == nullptr)
                next = &successor;
            else
                push(successor);
        });
        if (next == nullptr || !ready_.any_high()) return next;
        push(*next);
        return nullptr;
    }

    /// A node that is more than a callable. `held`: how many of its semaphores it has already. In graph_special.hpp.
    node_record* run_special(node_record& node, std::uint32_t held);
    void begin_nested(node_record& node);

    static node_parts& parts_of(node_record& node) noexcept { return *graph_core::body_of<node_parts>(node); }

    /// A spawning node's callable or one of its children has ended.
    node_record* end_part(node_record& node) noexcept {
        if (!is_last_part(node)) return nullptr;
        give_units(node);
        return finish(node);
    }
    static bool is_last_part(node_record& node) noexcept {
        return parts_of(node).left.fetch_sub(1, std::memory_order_acq_rel) == 1; // graph.part ->, <- graph.part
    }

    void give_units(node_record& node, std::uint32_t most = ~std::uint32_t{0}) noexcept {
        if ((node.flags & node_flags::limited) != 0) graph_units(*graph_, node).give(most);
    }

    // Failing and stopping.

    bool stopped() const noexcept { return run_->stop.load(std::memory_order_relaxed) != graph_run::going; }

    /// The current node has thrown.
    HOCKET_COLD void fail() noexcept {
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

    /// The number of the node in the outermost graph.
    std::uint32_t outermost_index(node_record const* node) const noexcept {
        graph_core const* graph = graph_;
        for (; graph->parent != nullptr; graph = graph->parent) node = graph->parent_node;
        return node != nullptr ? graph->index_of(*node) : ~std::uint32_t{0};
    }

    HOCKET_COLD void drop(node_record& node) noexcept {
        if (node.kind() == node_flags::child) drop_part(graph_child::end(node));
    }
    void drop_part(node_record& node) noexcept {
        if (is_last_part(node)) give_units(node);
    }
    HOCKET_COLD void drop_all() noexcept {
        if (walk_.active()) walk_.give_up(*graph_);
        ready_.drop_range();
        while (node_record* const node = ready_.pop()) drop(*node);
    }

    // Sharing.

    HOCKET_NOINLINE void visit() noexcept {
        graph_pace::share const wanted = pace_.decide(*run_->pool, walk_.active() ? graph_walk::spared(*graph_) : 0);
        if (wanted == graph_pace::share::nothing) return;
        leave_walk();
        if (wanted == graph_pace::share::half && ready_.any()) share_some();
        while (wanted == graph_pace::share::all && ready_.any() && share_some()) {
        }
    }

    /// From here on it is known which nodes are ready.
    void leave_walk() noexcept {
        if (!walk_.goes_on()) return;
        graph_walk::found const those = walk_.leave(*graph_);
        ready_.begin_again(those.begin, those.count);
    }

    /// A node is about to sleep, perhaps until one of those has run.
    static void show_all(hidden_work& self) noexcept {
        auto& slice = static_cast<graph_slice&>(self);
        if (slice.walk_.goes_on()) {
            slice.leave_walk();
            slice.begin_node(*slice.current_); // its word says so from now on
        }
        while (slice.ready_.any() && slice.share_some()) {
        }
    }

    /// Hands half of what it has to others. False if there is no memory for that.
    bool share_some() noexcept {
        try {
            urgency level = urgency::normal;
            graph_share* const share = ready_.split(*graph_, level);
            send(*share, level);
            return true;
        } catch (...) {
            return false;
        }
    }

    /// The ring is full. Without memory for a share the run fails.
    HOCKET_COLD bool spill() noexcept {
        try {
            send(*ready_.split_ring(*graph_), urgency::normal);
            return true;
        } catch (...) {
            run_->keep_error(outermost_index(nullptr));
            return false;
        }
    }
    HOCKET_COLD void spawn_one(node_record& node, urgency level) noexcept {
        try {
            send(*graph_share::make_of_one(*graph_, node), level);
        } catch (...) {
            run_->keep_error(outermost_index(nullptr));
            drop(node);
        }
    }
    void send(graph_share& share, urgency level) noexcept {
        graph_->alive.fetch_add(1, std::memory_order_relaxed); // this slice is alive
        spawn(*run_->pool, share, run_->pool->contexts() == 1 ? urgency::normal : level);
    }

    // Beginning and ending.

    /// This slice is the first of a pass, so it is alone.
    void begin_pass() noexcept {
        if (graph_->order.known())
            walk_.begin(*graph_);
        else
            ready_.begin_again(graph_->edges.get() + graph_->first_root, graph_->roots);
    }

    /// The node that a share begins with when it has to hold a semaphore first, else null.
    node_record* first_of(graph_share& share) noexcept {
        if (share.held == 0) return nullptr;
        node_record& node = ready_.pop_first();
        if (!stopped()) return resume(node, share.held);
        give_units(node, share.held);
        drop(node);
        return nullptr;
    }
    node_record* resume(node_record& node, std::uint32_t held) noexcept {
        try {
            return run_special(node, held);
        } catch (...) {
            fail();
            return nullptr;
        }
    }

    /// This slice has nothing to do. If it was the last one, the pass is over: then it goes on with the next pass, or with
    /// the graph around this one. Null and no graph: this thread is through, and the graph may be gone.
    node_record* conclude() noexcept {
        for (;;) {
            graph_core& ended = *graph_;
            ready_.end();
            if (ended.stride.load(std::memory_order_relaxed) != pace_.stride())
                ended.stride.store(pace_.stride(), std::memory_order_relaxed);
            if (ended.alive.fetch_sub(1, std::memory_order_acq_rel) != 1) { // graph.alive ->, <- graph.alive
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

    /// The outermost graph: true if another pass begins in this slice.
    HOCKET_NOINLINE bool end_pass(graph_core& ended) noexcept {
        graph_run& run = *run_;
        if (!stopped() && wants_more(run)) {
            ended.begin_pass(run);
            pass_ = std::uint64_t{ended.passes} << 32;
            ended.alive.store(1, std::memory_order_relaxed);
            begin_pass();
            return true;
        }
        ended.end_run().tell(); // from here on the graph may be gone
        return false;
    }

    static bool wants_more(graph_run& run) noexcept {
        if (run.until == nullptr) return run.passes_left != 0 && run.passes_left-- != 0;
        try {
            return !run.until->done();
        } catch (...) {
            run.keep_error(~std::uint32_t{0});
            return false;
        }
    }

    static constexpr std::uint32_t most_prefetched = 4;

    graph_core* graph_; // null at the end
    node_record* const* edges_;
    graph_run* run_;
    std::uint64_t pass_; // as in the nodes' words
    node_record* current_ = nullptr;
    std::int64_t choice_ = -1;
    worker* const* thread_ = &this_context; // tells threads apart
    graph_pace pace_;
    graph_walk walk_;
    graph_ready ready_;
};

inline graph_share::graph_share(graph_core& its_graph, std::uint32_t its_bytes) noexcept
    : graph(&its_graph), bytes(its_bytes) {
    work_item::run = &graph_slice::begin;
    scope = its_graph.run->scope;
}

} // namespace hocket::detail
