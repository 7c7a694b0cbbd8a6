// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_order.hpp declares.
#pragma once

#include <hocket/graph/graph_order.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void graph_order::forget() noexcept {
    nodes_.reset();
    blocks_.reset();
}

HOCKET_INLINE void graph_order::reserve(std::uint32_t size) {
    std::unique_ptr<node_record*[]> nodes(new node_record*[2 * std::size_t{size} + 1]);
    blocks_.reset(new block[size / block_size + 2]());
    nodes_ = std::move(nodes);
    size_ = size;
    far_counts_ = 0;
}

HOCKET_INLINE void graph_order::set(std::uint32_t place, node_record& node, bool is_root) noexcept {
    nodes_[place] = &node;
    if (is_root) ++blocks_[place / block_size + 1].roots;
}

HOCKET_INLINE void graph_order::add_edge(std::uint32_t from, std::uint32_t to, bool counted) noexcept {
    std::uint32_t& touched = blocks_[from / block_size].touched;
    touched = std::max(touched, to / block_size + 1);
    far_counts_ += counted && to - from > far;
}

HOCKET_INLINE void graph_order::seal() noexcept {
    for (std::uint32_t b = 0; b <= size_ / block_size; ++b) {
        blocks_[b].touched = std::max({blocks_[b].touched, b + 1, b == 0 ? 0 : blocks_[b - 1].touched});
        blocks_[b + 1].roots += blocks_[b].roots;
    }
}

} // namespace
