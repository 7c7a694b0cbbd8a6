// SPDX-License-Identifier: MIT
// The ready nodes of a runner of a running graph. They lie in a ring of the nodes that it has made ready, in the rest
// of its batch, and in short lists of nodes of high and low priority. Only the thread of the runner touches it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/graph/graph_batch.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/sched/scheduler.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class graph_ready {
  public:
    explicit graph_ready(graph_batch& batch) noexcept
        : begin_(batch.begin), end_(batch.begin + batch.count), batch_(&batch) {}

    /// Whether any node is ready.
    bool any() const noexcept { return ((top_ - bottom_) | ranked_) != 0 || begin_ != end_; }
    bool any_high() const noexcept { return high_.count != 0; }

    bool full() const noexcept { return top_ - bottom_ == ring_size; }
    /// Adds a node; the ring must not be full.
    void push(node_record& node) noexcept { ring_[top_++ % ring_size] = &node; }
    /// Adds a node of high or low priority. Returns false if there is no room for it.
    bool push_ranked(node_record& node) noexcept;

    /// Returns the node to run next, or null. Nodes of high priority come first, then the newest node of the ring, then
    /// the nodes of the batch; nodes of low priority come last.
    HOCKET_ALWAYS_INLINE node_record* pop() noexcept {
        if (top_ != bottom_ && ranked_ == 0) [[likely]]
            return ring_[--top_ % ring_size];
        return pop_any();
    }

    /// Returns the next node of the batch, which is not empty.
    node_record& pop_first() noexcept { return **begin_++; }

    /// Splits off a batch. It is a node of low priority if there is one, else the oldest half of the nodes, as far as a
    /// batch has room. Some node must be ready.
    graph_batch* split(graph_core& graph, priority& level);

    /// Splits off a batch of the oldest nodes in the ring.
    graph_batch* split_ring(graph_core& graph, std::uint32_t count = graph_batch::capacity);

    /// Drops the rest of the batch if it is a part of the list of roots.
    void drop_range() noexcept {
        if (is_range()) begin_ = end_;
    }
    /// Gives back the batch. No node must be ready.
    void end() noexcept;
    /// Begins with another part of a list that does not change. No node must be ready.
    void begin_again(node_record* const* begin, std::uint32_t count) noexcept;

  private:
    static constexpr std::uint32_t ring_size = 128;

    struct short_list {
        static constexpr std::uint32_t capacity = 16;
        std::uint32_t count = 0;
        node_record* nodes[capacity];
    };

    /// Whether the batch is a part of the list of roots. Then none of its nodes is a child.
    bool is_range() const noexcept { return batch_ == nullptr || batch_->is_range(); }

    node_record* take(short_list& list) noexcept;

    node_record* pop_any() noexcept;

    std::uint32_t bottom_ = 0;
    std::uint32_t top_ = 0;
    std::uint32_t ranked_ = 0;  // nodes in both lists
    node_record* const* begin_; // the rest of the batch
    node_record* const* end_;
    graph_batch* batch_; // the batch with which the runner began, or null
    short_list high_;
    short_list low_;
    node_record* ring_[ring_size];
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_ready.ipp>
#endif
