// SPDX-License-Identifier: MIT
// A topological order of a frozen graph: each node comes after its predecessors. It is the order in which the nodes
// were added, if possible. A graph has such an order if each of its nodes runs once and all have the same priority.
// Made by graph_freeze.hpp, used by graph_traversal.hpp.
#pragma once

#include <hocket/graph/node_record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

class graph_order {
  public:
    bool known() const noexcept { return nodes_ != nullptr; }
    node_record* const* nodes() const noexcept { return nodes_.get(); }
    /// Returns room for as many nodes. The one runner that begins a pass may write there once.
    node_record** room() const noexcept { return nodes_.get() + size_; }

    /// Returns a place behind all successors of the first `passed` nodes, and not far behind them. It is at least
    /// `passed`, which is not 0.
    std::uint32_t touched_by(std::uint32_t passed) const noexcept {
        return std::min(size_, blocks_[(passed - 1) / block_size].touched * block_size);
    }
    /// Returns how many roots of the graph come before a place that `touched_by` has returned.
    std::uint32_t roots_before(std::uint32_t place) const noexcept {
        return blocks_[(place + block_size - 1) / block_size].roots;
    }

    /// Returns how many counts of a pass are likely to lie in the cache of another thread if threads share the nodes.
    std::uint32_t far_counts() const noexcept { return far_counts_; }

    void forget() noexcept;

    /// Makes room for `size` nodes. Throws std::bad_alloc.
    void reserve(std::uint32_t size);
    void set(std::uint32_t place, node_record& node, bool is_root) noexcept;
    /// Adds an edge. `counted`: the node at `to` has several predecessors.
    void add_edge(std::uint32_t from, std::uint32_t to, bool counted) noexcept;
    void seal() noexcept;

  private:
    static constexpr std::uint32_t block_size = 64;
    static constexpr std::uint32_t far =
        4096; // in places: so many nodes, and what they use, exceed the caches of a core

    struct block {
        std::uint32_t
            touched; // this many blocks from the first one on hold all successors of this block and of those before
        std::uint32_t roots; // in the blocks before this one
    };

    std::uint32_t size_ = 0;
    std::uint32_t far_counts_ = 0;
    std::unique_ptr<node_record*[]> nodes_;
    std::unique_ptr<block[]> blocks_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_order.ipp>
#endif
