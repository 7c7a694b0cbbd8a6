// SPDX-License-Identifier: MIT
// The serial traversal: a runner that is alone runs the nodes of a graph in topological order. It need not know which
// nodes are ready, so it only calls them, and reads memory forwards. Before other threads get nodes, it makes up for
// what it has left out: it notes which nodes ran, subtracts from the counts of their successors, and gathers the ready
// nodes. Used by graph_runner.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/node_record.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hocket::inline HOCKET_ABI::detail {

class graph_traversal {
  public:
    /// Ready nodes: a part of a list that does not change before the pass has finished.
    struct found {
        node_record* const* begin;
        std::uint32_t count;
    };

    /// Starts at the first node. No other runner runs nodes of this pass.
    void begin(graph_core const& graph) noexcept;

    /// Whether the traversal has begun and none of the functions below has ended it.
    bool active() const noexcept { return active_; }
    /// Whether a node is left.
    bool goes_on() const noexcept { return active_ && next_ != end_; }

    /// Returns how many nodes are left.
    std::ptrdiff_t left() const noexcept { return active_ ? end_ - next_ : 0; }

    /// Returns the next node. It is ready, since all nodes before it have finished.
    node_record& pop() noexcept { return **next_++; }

    /// Returns how many more nanoseconds a node takes on average when several threads run nodes, because counts move
    /// between caches.
    static std::uint64_t spared(graph_core const& graph) noexcept;

    /// Ends the traversal after all nodes have finished.
    void end(graph_core& graph) noexcept;
    /// Ends the traversal of a pass in which no further node begins. The node that was popped last may not have
    /// finished.
    [[gnu::cold]] void give_up(graph_core const& graph) noexcept;

    /// Ends the traversal so that other threads may run nodes. The node that was popped last has not finished. The
    /// caller begins it, again if it has already begun. Returns the nodes that are ready now.
    [[gnu::cold]] found leave(graph_core const& graph) noexcept;

  private:
    static void note_begin(graph_core const& graph, node_record& node) noexcept {
        node.state.store((std::uint64_t{graph.passes} << 32) | node.before, std::memory_order_relaxed);
    }
    /// Subtracts the first `count` nodes, which have finished, from the counts of their successors.
    static void count_down(graph_core const& graph, std::uint32_t count) noexcept;

    node_record* const* next_ = nullptr;
    node_record* const* end_ = nullptr;
    bool active_ = false;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_traversal.ipp>
#endif
