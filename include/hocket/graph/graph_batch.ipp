// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_batch.hpp declares.
#pragma once

#include <hocket/graph/graph_batch.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE graph_batch* graph_batch::make_empty(graph_core& graph, std::uint32_t room) {
    std::size_t const bytes = sizeof(graph_batch) + room * sizeof(node_record*);
    auto* const batch = ::new (slab_allocate(bytes)) graph_batch(graph, static_cast<std::uint32_t>(bytes));
    batch->begin = batch->nodes();
    batch->count = room;
    return batch;
}

HOCKET_INLINE graph_batch* graph_batch::make(graph_core& graph, node_record* const* begin, std::uint32_t count) {
    graph_batch* const batch = make_empty(graph, 0);
    batch->begin = begin;
    batch->count = count;
    return batch;
}

HOCKET_INLINE graph_batch* graph_batch::make_copy(graph_core& graph, node_record* const* begin, std::uint32_t count) {
    graph_batch* const batch = make_empty(graph, count);
    std::memcpy(batch->nodes(), begin, count * sizeof(node_record*));
    return batch;
}

HOCKET_INLINE graph_batch* graph_batch::make_of_one(graph_core& graph, node_record& node) {
    graph_batch* const batch = make_empty(graph, 1);
    batch->nodes()[0] = &node;
    return batch;
}

HOCKET_INLINE node_record& graph_child::end(node_record& node) noexcept {
    auto& child = static_cast<graph_child&>(node);
    node_record& owner = *child.owner;
    child.destroy(child);
    return owner;
}

} // namespace
