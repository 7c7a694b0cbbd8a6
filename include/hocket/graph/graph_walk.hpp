// SPDX-License-Identifier: MIT
// How a slice that is alone goes through a graph: one node after the other, in the graph's order. It need not know
// which nodes are ready, so it only calls them, and memory is read forwards. When others are to get a part it does what
// it has left out: it notes which nodes ran, takes down the counts of their successors, and gathers the nodes that are
// ready. Used by graph_slice.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/node_record.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hocket::inline HOCKET_ABI::detail {

class graph_walk {
  public:
    /// Nodes that are ready: a part of a list that stays as it is until the pass is over.
    struct found {
        node_record* const* begin;
        std::uint32_t count;
    };

    /// From the first node on. Nobody else runs nodes of this pass.
    void begin(graph_core const& graph) noexcept;

    /// From `begin` until one of the functions below ends it.
    bool active() const noexcept { return active_; }
    /// Whether a node is left on the way.
    bool goes_on() const noexcept { return active_ && next_ != end_; }

    /// How many nodes are left on the way.
    std::ptrdiff_t left() const noexcept { return active_ ? end_ - next_ : 0; }

    /// The next one, which is ready, since all before it have ended.
    node_record& pop() noexcept { return **next_++; }

    /// So many nanoseconds more a node takes on average once others run nodes as well: counts go from cache to cache.
    static std::uint64_t spared(graph_core const& graph) noexcept;

    /// All nodes have ended.
    void end(graph_core& graph) noexcept;
    /// No further node begins in this pass. Of those that were popped, the last one has begun, and perhaps not ended.
    [[gnu::cold]] void give_up(graph_core const& graph) noexcept;

    /// Others may run nodes from now on. The last node that was popped has not ended, and is the caller's: it begins
    /// it, again if it has begun. Returns those that could begin now.
    [[gnu::cold]] found leave(graph_core const& graph) noexcept;

  private:
    static void note_begin(graph_core const& graph, node_record& node) noexcept {
        node.state.store((std::uint64_t{graph.passes} << 32) | node.before, std::memory_order_relaxed);
    }
    /// The first `count` nodes have ended.
    static void count_down(graph_core const& graph, std::uint32_t count) noexcept;

    node_record* const* next_ = nullptr;
    node_record* const* end_ = nullptr;
    bool active_ = false;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_walk.ipp>
#endif
