// SPDX-License-Identifier: MIT
// The nodes of a frozen graph one after the other, each behind those that precede it: in the order in which they were
// added where that is possible. Graphs have it whose nodes all run once and are equally urgent. Made by
// graph_freeze.hpp, used by graph_walk.hpp.
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
    /// For as many nodes; the one slice that begins a pass may write there once.
    node_record** room() const noexcept { return nodes_.get() + size_; }

    /// A place, not too far behind all that the first `passed` nodes precede. At least `passed`, which is not 0.
    std::uint32_t touched_by(std::uint32_t passed) const noexcept {
        return std::min(size_, blocks_[(passed - 1) / block_size].touched * block_size);
    }
    /// How many of the graph's roots come before a place that `touched_by` has returned.
    std::uint32_t roots_before(std::uint32_t place) const noexcept {
        return blocks_[(place + block_size - 1) / block_size].roots;
    }

    /// How often in a pass a count is taken down that is likely to lie in another thread's cache, if threads share the
    /// nodes.
    std::uint32_t far_counts() const noexcept { return far_counts_; }

    void forget() noexcept;

    /// Makes room for `size` nodes. Throws std::bad_alloc.
    void reserve(std::uint32_t size);
    void set(std::uint32_t place, node_record& node, bool is_root) noexcept;
    /// `counted`: the node at `to` has several predecessors.
    void add_edge(std::uint32_t from, std::uint32_t to, bool counted) noexcept;
    void seal() noexcept;

  private:
    static constexpr std::uint32_t block_size = 64;
    static constexpr std::uint32_t far = 4096; // places: so many nodes and what they use do not stay in a core's caches

    struct block {
        std::uint32_t touched; // how many blocks from the first one on hold all successors of this one and those before
        std::uint32_t roots;   // in the blocks before this one
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
