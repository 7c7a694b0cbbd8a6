// SPDX-License-Identifier: MIT
// Running a graph. A slice is a piece of a run on one thread: it begins with some ready nodes, keeps those that it
// makes ready to itself, and hands a share of them to other threads now and then. There is no counter that every node
// touches: the run is over when no slice is left. The argument is in README.md of this folder.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_pace.hpp>
#include <hocket/graph/graph_ready.hpp>
#include <hocket/graph/graph_share.hpp>
#include <hocket/graph/graph_units.hpp>
#include <hocket/graph/graph_walk.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class graph_slice : hidden_work {
  public:
    /// What a queue holds of a run: see graph_share.
    static void begin(work_item* item) noexcept;

    /// A condition says which successor comes next.
    void choose(std::int64_t successor) noexcept { choice_ = successor; }
    /// One of several successors that it picks. In graph_special.hpp.
    void choose_also(node_record& condition, std::int64_t successor) noexcept;

    /// A spawning node, or a child of one, has another child; its body still runs. In graph_special.hpp.
    void add_child(graph_child& node) noexcept;

    graph_core& graph() const noexcept { return *graph_; }

  private:
    explicit graph_slice(graph_share& share) noexcept;

    /// While it lives, threads that wait in nodes of a run that takes units are known to wait in this slice.
    class waiting_place;

    HOCKET_ALWAYS_INLINE void push(node_record& node) noexcept {
        if (ready_.full()) [[unlikely]]
            if (!spill()) return drop(node);
        ready_.push(node);
    }
    void push_ranked(node_record& node) noexcept;

    // Running nodes.

    /// Until this slice has nothing left to do. Never nested: what a node makes ready runs in the loop, not below the
    /// node.
    void work(node_record* next) noexcept;

    /// While a call of the program's code takes long, others may take what this slice keeps.
    void open() noexcept;

    HOCKET_ALWAYS_INLINE void call(node_record& node) {
        keeper_.begin_call();
        call_node(node, *this);
        run_->mode.set_after_body(++calls_); // what a node has left behind ends with it
        keeper_.end_call();
    }

    /// While nobody else runs nodes of the graph. Returns one to go on with otherwise.
    node_record* walk();

    void run_nodes(node_record* node);

    /// They come from memory while the node runs.
    HOCKET_ALWAYS_INLINE void prefetch_successors(node_record const& node) const noexcept {
        node_record* const* const edge = (node.flags & node_flags::near) != 0 ? node.near() : edges_ + node.first;
        std::uint32_t const count = node.count < most_prefetched ? node.count : most_prefetched;
        for (std::uint32_t i = 0; i != count; ++i) prefetch_for_write(edge[i]);
    }

    void begin_node(node_record& node) noexcept;

    /// No other slice of this graph runs or waits anywhere: until this one shares, it need not be careful.
    bool is_alone() const noexcept { return graph_->alive.load(std::memory_order_acquire) == 1; } // <- graph.alive

    /// One of its predecessors has ended: true for the last one.
    bool count_down(node_record& node) const noexcept;

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
    node_record* end_part(node_record& node) noexcept;
    static bool is_last_part(node_record& node) noexcept {
        return parts_of(node).left.fetch_sub(1, std::memory_order_acq_rel) == 1; // graph.part ->, <- graph.part
    }

    void give_units(node_record& node) noexcept {
        if ((node.flags & node_flags::limited) == 0) return;
        graph_units(*graph_, node).give();
        current_ = nullptr;
    }

    // Failing and stopping.

    bool stopped() const noexcept { return run_->is_stopped(); }

    void fail() noexcept; // in graph_special.hpp

    /// The number of the node in the outermost graph.
    std::uint32_t outermost_index(node_record const* node) const noexcept;

    [[gnu::cold]] void drop(node_record& node) noexcept;
    void drop_part(node_record& node) noexcept {
        if (is_last_part(node)) give_units(node);
    }
    [[gnu::cold]] void drop_all() noexcept;

    // Sharing.

    void visit() noexcept;

    /// From here on it is known which nodes are ready.
    void leave_walk() noexcept;

    /// A node is about to sleep, perhaps until one of those has run. In graph_special.hpp.
    static void show_all(hidden_work& self) noexcept;
    /// The thread of the slice, or a thief that has claimed it: the node that was begun last runs, and may take long.
    static void hand_out_all(hidden_work& self) noexcept;

    /// Hands half of what it has to others. False if there is no memory for that.
    bool share_some() noexcept;

    /// The ring is full. Without memory for a share the run fails.
    [[gnu::cold]] bool spill() noexcept;
    [[gnu::cold]] void spawn_one(node_record& node, urgency level) noexcept;
    void send(graph_share& share, urgency level) noexcept;

    // Beginning and ending.

    /// This slice is the first of a pass, so it is alone.
    void begin_pass() noexcept;

    /// The node that a share begins with when it has to hold a semaphore first, else null.
    node_record* first_of(graph_share& share) noexcept;
    node_record* resume(node_record& node, std::uint32_t held) noexcept;

    /// This slice has nothing to do. If it was the last one, the pass is over: then it goes on with the next pass, or
    /// with the graph around this one. Null and no graph: this thread is through, and the graph may be gone.
    node_record* conclude() noexcept;

    /// The outermost graph: true if another pass begins in this slice.
    bool end_pass(graph_core& ended) noexcept;

    static bool wants_more(graph_run& run) noexcept;

    static constexpr std::uint32_t most_prefetched = 4;

    graph_core* graph_; // null at the end
    node_record* const* edges_;
    graph_run* run_;
    std::uint64_t pass_;             // as in the nodes' words
    node_record* current_ = nullptr; // whose body runs, or has run; null when it may hold units no more
    unsigned calls_ = 0;             // of nodes
    std::int64_t choice_ = -1;
    worker* const* thread_ = &this_context; // tells threads apart
    keeper keeper_;
    graph_pace pace_;
    graph_walk walk_;
    graph_ready ready_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_slice.ipp>
#endif
