// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_traversal.hpp declares.
#pragma once

#include <hocket/graph/graph_traversal.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void graph_traversal::begin(graph_core const& graph) noexcept {
    next_ = graph.order.nodes();
    end_ = next_ + graph.nodes.size();
    active_ = true;
}

HOCKET_INLINE std::uint64_t graph_traversal::spared(graph_core const& graph) noexcept {
    constexpr std::uint64_t count_from_afar = 24; // measured with two pinned threads that count down at random
    return count_from_afar * graph.order.far_counts() / graph.nodes.size();
}

HOCKET_INLINE void graph_traversal::end(graph_core& graph) noexcept {
    graph.walked = graph.passes;
    active_ = false;
}

HOCKET_COLD HOCKET_INLINE void graph_traversal::give_up(graph_core const& graph) noexcept {
    for (node_record* const* node = graph.order.nodes(); node != next_; ++node) note_begin(graph, **node);
    active_ = false;
}

HOCKET_COLD HOCKET_INLINE auto graph_traversal::leave(graph_core const& graph) noexcept -> found {
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
    std::uint32_t const passed_roots = graph.order.roots_before(touched); // all later roots are ready
    node_record* const* const roots = graph.edges.get() + graph.first_root + passed_roots;
    std::uint32_t const left = graph.roots - passed_roots;
    if (count == 0) return {roots, left};
    std::memcpy(room + count, roots, left * sizeof(node_record*));
    return {room, count + left};
}

HOCKET_INLINE void graph_traversal::count_down(graph_core const& graph, std::uint32_t count) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        node_record& node = *graph.order.nodes()[i];
        note_begin(graph, node);
        for (node_record* const successor : graph.successors_of(node))
            successor->state.store(successor->state.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }
}

} // namespace
