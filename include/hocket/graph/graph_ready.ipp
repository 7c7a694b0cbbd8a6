// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_ready.hpp declares.
#pragma once

#include <hocket/graph/graph_ready.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE bool graph_ready::push_ranked(node_record& node) noexcept {
    short_list& list = (node.flags & node_flags::high) != 0 ? high_ : low_;
    if (list.count == short_list::capacity) return false;
    list.nodes[list.count++] = &node;
    ++ranked_;
    return true;
}

HOCKET_INLINE graph_batch* graph_ready::split(graph_core& graph, priority& level) {
    if (low_.count != 0) {
        graph_batch* const batch = graph_batch::make_of_one(graph, *low_.nodes[0]);
        take(low_);
        level = priority::low;
        return batch;
    }
    if (begin_ != end_) {
        auto const there = static_cast<std::uint32_t>(end_ - begin_);
        std::uint32_t const half = (there + 1) / 2;
        std::uint32_t const count = is_range() || half < graph_batch::capacity ? half : graph_batch::capacity;
        graph_batch* const batch = is_range() ? graph_batch::make(graph, end_ - count, count)
                                              : graph_batch::make_copy(graph, end_ - count, count);
        end_ -= count;
        return batch;
    }
    if (top_ != bottom_) return split_ring(graph, (top_ - bottom_ + 1) / 2);
    graph_batch* const batch = graph_batch::make_of_one(graph, *high_.nodes[0]);
    take(high_);
    level = priority::high;
    return batch;
}

HOCKET_INLINE graph_batch* graph_ready::split_ring(graph_core& graph, std::uint32_t count) {
    if (count > graph_batch::capacity) count = graph_batch::capacity;
    graph_batch* const batch = graph_batch::make_empty(graph, count);
    for (std::uint32_t i = 0; i < count; ++i) batch->nodes()[i] = ring_[bottom_++ % ring_size];
    return batch;
}

HOCKET_INLINE void graph_ready::end() noexcept {
    if (batch_ != nullptr) batch_->release();
    batch_ = nullptr;
    begin_ = end_ = nullptr;
}

HOCKET_INLINE void graph_ready::begin_again(node_record* const* begin, std::uint32_t count) noexcept {
    begin_ = begin;
    end_ = begin + count;
}

HOCKET_INLINE node_record* graph_ready::take(short_list& list) noexcept {
    --ranked_;
    --list.count;
    node_record* const first = list.nodes[0];
    for (std::uint32_t i = 0; i < list.count; ++i) list.nodes[i] = list.nodes[i + 1];
    return first;
}

HOCKET_NOINLINE HOCKET_INLINE node_record* graph_ready::pop_any() noexcept {
    if (any_high()) return take(high_);
    if (top_ != bottom_) return ring_[--top_ % ring_size];
    while (begin_ != end_) {
        node_record& node = pop_first();
        if ((node.flags & node_flags::low) == 0 || !push_ranked(node)) return &node;
    }
    return low_.count != 0 ? take(low_) : nullptr;
}

} // namespace
