// SPDX-License-Identifier: MIT
// Runs a graph. A runner is a part of a run on one thread. It begins with some ready nodes and keeps the nodes that it
// makes ready. Now and then it hands a batch of them (`graph_batch`) to other threads. No counter is touched by every
// node: the pass has finished when no runner is left. The proof is in README.md of this folder.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_batch.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_ready.hpp>
#include <hocket/graph/graph_sharing.hpp>
#include <hocket/graph/graph_traversal.hpp>
#include <hocket/graph/graph_units.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class graph_runner : hidden_work {
  public:
    /// Runs a batch that a worker has taken out of a queue, as a runner.
    static void begin(work_item* item) noexcept;

    /// Notes the number of the successor that the current condition picks.
    void choose(std::int64_t successor) noexcept { choice_ = successor; }
    /// Makes ready one of several successors that a condition picks. Defined in graph_special.hpp.
    void choose_also(node_record& condition, std::int64_t successor) noexcept;

    /// Adds a child of a spawning node, or of a child of one, whose body still runs. Defined in graph_special.hpp.
    void add_child(graph_child& node) noexcept;

    graph_core& graph() const noexcept { return *graph_; }

  private:
    explicit graph_runner(graph_batch& batch) noexcept;

    /// While it lives, threads that wait in nodes of a run that takes units are known to wait in this runner.
    class waiting_place;

    HOCKET_ALWAYS_INLINE void push(node_record& node) noexcept {
        if (ready_.full()) [[unlikely]]
            if (!spill()) return drop(node);
        ready_.push(node);
    }
    void push_ranked(node_record& node) noexcept;

    // Running nodes.

    /// Runs nodes until none is left in this runner. Calls never nest: a node that another node makes ready runs in the
    /// loop and not below that node.
    void work(node_record* next) noexcept;

    /// Lets a thief hand out the nodes that this runner keeps, while a callable of the program takes long.
    void open() noexcept;

    HOCKET_ALWAYS_INLINE void call(node_record& node) {
        mode_.reset(); // a change of the mode by a node ends with the node
        stop_scope::number_anew();
        keeper_.begin_call();
        call_node(node, *this);
        mode_.end_body();
        keeper_.end_call();
    }

    /// Runs the nodes in topological order while no other thread runs nodes of the graph. Then returns a node to go on
    /// with, or null.
    node_record* walk();

    void run_nodes(node_record* node);

    /// Fetches the successors from memory while the node runs.
    HOCKET_ALWAYS_INLINE void prefetch_successors(node_record const& node) const noexcept {
        node_record* const* const edge = (node.flags & node_flags::near) != 0 ? node.near() : edges_ + node.first;
        std::uint32_t const count = node.count < most_prefetched ? node.count : most_prefetched;
        for (std::uint32_t i = 0; i != count; ++i) prefetch_for_write(edge[i]);
    }

    void begin_node(node_record& node) noexcept;

    /// Whether no other runner of this graph runs or waits. Until this runner hands nodes out, it then needs no RMW.
    bool is_alone() const noexcept { return graph_->alive.load(std::memory_order_acquire) == 1; } // <- graph.alive

    /// Subtracts a predecessor that has finished. Returns true for the last one.
    bool count_down(node_record& node) const noexcept;

    template<class F>
    HOCKET_ALWAYS_INLINE void for_successors(node_record& node, F const& f) noexcept {
        node_record* const* edge = (node.flags & node_flags::near) != 0 ? node.near() : edges_ + node.first;
        node_record* const* const end = edge + node.count;
        for (; edge != end; ++edge) f(**edge);
    }

    /// Makes successors ready. Returns one of them to go on with, or null if another node of this runner comes first or
    /// no successor is ready.
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

    /// Runs a node that is more than a callable. `held`: how many of its units it already has. Defined in
    /// graph_special.hpp.
    node_record* run_special(node_record& node, std::uint32_t held);
    void begin_nested(node_record& node);

    static node_parts& parts_of(node_record& node) noexcept { return *graph_core::body_of<node_parts>(node); }

    /// Finishes the callable of a spawning node or one of its children.
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

    void fail() noexcept; // defined in graph_special.hpp

    /// Returns the number of the node in the outermost graph.
    std::uint32_t outermost_index(node_record const* node) const noexcept;

    [[gnu::cold]] void drop(node_record& node) noexcept;
    void drop_part(node_record& node) noexcept {
        if (is_last_part(node)) give_units(node);
    }
    [[gnu::cold]] void drop_all() noexcept;

    // Sharing.

    void share_nodes() noexcept;

    /// Ends the serial traversal and gathers the nodes that are ready.
    void leave_traversal() noexcept;

    /// Shows all ready nodes, because the current node is about to sleep, perhaps until one of them has run. Defined in
    /// graph_special.hpp.
    static void expose_all(hidden_work& self) noexcept;
    /// Hands out all ready nodes while the node that was begun last runs. Called by the thread of the runner, or by a
    /// thief that has claimed its kept work.
    static void hand_out_all(hidden_work& self) noexcept;

    /// Hands half of the ready nodes to other threads. Returns false if there is no memory for that.
    bool share_some() noexcept;

    /// Hands out nodes of the full ring. Without memory for a batch the run fails.
    [[gnu::cold]] bool spill() noexcept;
    [[gnu::cold]] void spawn_one(node_record& node, priority level) noexcept;
    void send(graph_batch& batch, priority level) noexcept;

    // Beginning and ending.

    /// Begins a pass. This runner is the first one of the pass, so it is alone.
    void begin_pass() noexcept;

    /// Runs the node with which a batch begins if the node already has some of its units. Returns the next node, or
    /// null.
    node_record* first_of(graph_batch& batch) noexcept;
    node_record* resume(node_record& node, std::uint32_t held) noexcept;

    /// Finishes a runner that has no nodes left. If it was the last runner, the pass has finished. Then the runner goes
    /// on with the next pass, or with the graph around this one, and returns the next node or null. If `graph_` is
    /// null, this thread has finished, and the graph may be gone.
    node_record* conclude() noexcept;

    /// Finishes a pass of the outermost graph. Returns true if another pass begins in this runner.
    bool end_pass(graph_core& ended) noexcept;

    static bool wants_more(graph_run& run) noexcept;

    static constexpr std::uint32_t most_prefetched = 4;

    graph_core* graph_; // null when the runner has finished
    node_record* const* edges_;
    graph_run* run_;
    std::uint64_t pass_;             // the pass as in the words of the nodes, in the upper half
    node_record* current_ = nullptr; // the node whose body runs or ran last; null when it may hold no more units
    std::int64_t choice_ = -1;
    worker* const* thread_ = &this_slot; // identifies the thread
    keeper keeper_;
    fp_guard mode_;
    graph_sharing sharing_;
    graph_traversal traversal_;
    graph_ready ready_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_runner.ipp>
#endif
