// SPDX-License-Identifier: MIT
// How a slice that is alone goes through a graph, floor 5: one node after the other, in the graph's order. It need not know
// which nodes are ready, so it takes down all counts without a look at them, and memory is read forwards; only when others
// are to get a part it gathers the nodes that are ready. Used by graph_slice.hpp.
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
    }
    void end() noexcept { next_ = end_; }

    /// Whether a node is left on the way.
    bool goes_on() const noexcept { return next_ != end_; }

    /// The next one, which is ready, since all before it have ended.
    node_record& pop() noexcept { return **next_++; }

    /// One of the node's predecessors has ended.
    static void count_down(node_record& node) noexcept {
        node.state.store(node.state.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }

    /// Ends the walk, on which there was one node or more. Those that could begin now, without the ones that wait for the last.
    HOCKET_COLD found leave(graph_core const& graph) noexcept {
        auto const passed = static_cast<std::uint32_t>(next_ - graph.order.nodes());
        std::uint32_t const touched = graph.order.touched_by(passed);
        node_record** const room = graph.order.room();
        std::uint32_t count = 0;
        for (std::uint32_t i = passed; i < touched; ++i) {
            node_record* const node = graph.order.nodes()[i];
            room[count] = node;
            if (static_cast<std::uint32_t>(node->state.load(std::memory_order_relaxed)) == 0) ++count;
        }
        end();
        std::uint32_t const passed_roots =
            graph.order.roots_before(touched); // nothing precedes the others: all are ready
        node_record* const* const roots = graph.edges.get() + graph.first_root + passed_roots;
        std::uint32_t const left = graph.roots - passed_roots;
        if (count == 0) return {roots, left};
        std::memcpy(room + count, roots, left * sizeof(node_record*));
        return {room, count + left};
    }

  private:
    node_record* const* next_ = nullptr;
    node_record* const* end_ = nullptr;
};

} // namespace hocket::detail
