// SPDX-License-Identifier: MIT
// How a slice that is alone goes through a graph, floor 5: one node after the other, in the graph's order. It need not know
// which nodes are ready, so it only calls them, and memory is read forwards. When others are to get a part it does what it has
// left out: it notes which nodes ran, takes down the counts of their successors, and gathers the nodes that are ready. Used by
// graph_slice.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/task/graph_core.hpp>
#include <hocket/task/node_record.hpp>

#include <atomic>
#include <cstdint>
#include <cstring>

namespace hocket::detail {

class graph_walk {
  public:
    /// Nodes that are ready: a part of a list that stays as it is until the pass is over.
    struct found {
        node_record* const* begin;
        std::uint32_t count;
    };

    /// From the first node on. Nobody else runs nodes of this pass.
    void begin(graph_core const& graph) noexcept {
        next_ = graph.order.nodes();
        end_ = next_ + graph.nodes.size();
        active_ = true;
    }

    /// From `begin` until one of the functions below ends it.
    bool active() const noexcept { return active_; }
    /// Whether a node is left on the way.
    bool goes_on() const noexcept { return active_ && next_ != end_; }

    /// The next one, which is ready, since all before it have ended.
    node_record& pop() noexcept { return **next_++; }

    /// So many nanoseconds more a node takes on average once others run nodes as well: counts go from cache to cache.
    static std::uint64_t spared(graph_core const& graph) noexcept {
        constexpr std::uint64_t count_from_afar = 24; // two pinned threads, each of which takes down random counts
        return count_from_afar * graph.order.far_counts() / graph.nodes.size();
    }

    /// All nodes have ended.
    void end(graph_core& graph) noexcept {
        graph.walked = graph.passes;
        active_ = false;
    }
    /// No further node begins in this pass. Of those that were popped, the last one has begun, and perhaps not ended.
    HOCKET_COLD void give_up(graph_core const& graph) noexcept {
        for (node_record* const* node = graph.order.nodes(); node != next_; ++node) note_begin(graph, **node);
        active_ = false;
    }

    /// Others may run nodes from now on. The last node that was popped has not ended, and is the caller's: it begins it, again if it
    /// has begun. Returns those that could begin now.
    HOCKET_COLD found leave(graph_core const& graph) noexcept {
        auto const passed = static_cast<std::uint32_t>(next_ - graph.order.nodes());
        count_down(graph, passed - 1);
        std::uint32_t const touched = graph.order.touched_by(passed);
        node_record** const room = graph.order.room();
        std::uint32_t count = 0;
        for (std::uint32_t i = passed; i < touched; ++i) {
            node_record* const node = graph.order.nodes()[i];
            room[count] = node;
            if (static_cast<std::uint32_t>(node->state.load(std::memory_order_relaxed)) == 0) ++count;
        }
        active_ = false;
        std::uint32_t const passed_roots =
            graph.order.roots_before(touched); // nothing precedes the others: all are ready
        node_record* const* const roots = graph.edges.get() + graph.first_root + passed_roots;
        std::uint32_t const left = graph.roots - passed_roots;
        if (count == 0) return {roots, left};
        std::memcpy(room + count, roots, left * sizeof(node_record*));
        return {room, count + left};
    }

  private:
    static void note_begin(graph_core const& graph, node_record& node) noexcept {
        node.state.store((std::uint64_t{graph.passes} << 32) | node.before, std::memory_order_relaxed);
    }
    /// The first `count` nodes have ended.
    static void count_down(graph_core const& graph, std::uint32_t count) noexcept {
        for (std::uint32_t i = 0; i < count; ++i) {
            node_record& node = *graph.order.nodes()[i];
            note_begin(graph, node);
            for (node_record* const successor : graph.successors_of(node))
                successor->state.store(successor->state.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        }
    }

    node_record* const* next_ = nullptr;
    node_record* const* end_ = nullptr;
    bool active_ = false;
};

} // namespace hocket::detail
