// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_share.hpp declares.
#pragma once

#include <hocket/graph/graph_share.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE graph_share* graph_share::make_empty(graph_core& graph, std::uint32_t room) {
    std::size_t const bytes = sizeof(graph_share) + room * sizeof(node_record*);
    auto* const share = ::new (slab_allocate(bytes)) graph_share(graph, static_cast<std::uint32_t>(bytes));
    share->begin = share->nodes();
    share->count = room;
    return share;
}

HOCKET_INLINE graph_share* graph_share::make(graph_core& graph, node_record* const* begin, std::uint32_t count) {
    graph_share* const share = make_empty(graph, 0);
    share->begin = begin;
    share->count = count;
    return share;
}

HOCKET_INLINE graph_share* graph_share::make_copy(graph_core& graph, node_record* const* begin, std::uint32_t count) {
    graph_share* const share = make_empty(graph, count);
    std::memcpy(share->nodes(), begin, count * sizeof(node_record*));
    return share;
}

HOCKET_INLINE graph_share* graph_share::make_of_one(graph_core& graph, node_record& node) {
    graph_share* const share = make_empty(graph, 1);
    share->nodes()[0] = &node;
    return share;
}

HOCKET_INLINE node_record& graph_child::end(node_record& node) noexcept {
    auto& child = static_cast<graph_child&>(node);
    node_record& owner = *child.owner;
    child.destroy(child);
    return owner;
}

} // namespace
