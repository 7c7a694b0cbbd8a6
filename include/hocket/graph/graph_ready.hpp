// SPDX-License-Identifier: MIT
// The nodes that one slice of a running graph could begin: a ring of those that it has made ready, what is left of
// those that it began with, and short lists of urgent and unimportant ones. Only the thread of the slice touches it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/graph/graph_share.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/sched/scheduler.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class graph_ready {
  public:
    explicit graph_ready(graph_share& share) noexcept
        : begin_(share.begin), end_(share.begin + share.count), share_(&share) {}

    /// Whether there are any.
    bool any() const noexcept { return ((top_ - bottom_) | ranked_) != 0 || begin_ != end_; }
    bool any_high() const noexcept { return high_.count != 0; }

    bool full() const noexcept { return top_ - bottom_ == ring_size; }
    /// If not full.
    void push(node_record& node) noexcept { ring_[top_++ % ring_size] = &node; }
    /// One that is not of normal priority. False if there is no room for it.
    bool push_ranked(node_record& node) noexcept;

    /// The one to run next, or null: high ones first, then the newest, then those of the beginning, low ones last.
    HOCKET_ALWAYS_INLINE node_record* pop() noexcept {
        if (top_ != bottom_ && ranked_ == 0) [[likely]]
            return ring_[--top_ % ring_size];
        return pop_any();
    }

    /// One of the beginning, which the share holds. There is one.
    node_record& pop_first() noexcept { return **begin_++; }

    /// A share with half of them, the oldest, but at most as many as fit into one; low ones before. There are some.
    graph_share* split(graph_core& graph, urgency& level);

    /// A share of the oldest in the ring.
    graph_share* split_ring(graph_core& graph, std::uint32_t count = graph_share::capacity);

    /// None of those of the beginning is run.
    void drop_range() noexcept {
        if (is_range()) begin_ = end_;
    }
    /// There are none. Gives back the share.
    void end() noexcept;
    /// While there are none: another beginning, of a list that stays as it is.
    void begin_again(node_record* const* begin, std::uint32_t count) noexcept;

  private:
    static constexpr std::uint32_t ring_size = 128;

    struct short_list {
        static constexpr std::uint32_t capacity = 16;
        std::uint32_t count = 0;
        node_record* nodes[capacity];
    };

    /// Those of the beginning are a part of the list of roots: none of them is a child.
    bool is_range() const noexcept { return share_ == nullptr || share_->is_range(); }

    node_record* take(short_list& list) noexcept;

    node_record* pop_any() noexcept;

    std::uint32_t bottom_ = 0;
    std::uint32_t top_ = 0;
    std::uint32_t ranked_ = 0;  // in both lists
    node_record* const* begin_; // what is left of the beginning
    node_record* const* end_;
    graph_share* share_; // with which it began, or null
    short_list high_;
    short_list low_;
    node_record* ring_[ring_size];
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_ready.ipp>
#endif
