// SPDX-License-Identifier: MIT
// What the queues of a pool hold of a running graph: some ready nodes, which whoever takes them out runs as a slice.
// Also the nodes that spawning nodes make while they run. Used by graph_slice.hpp.
#pragma once

#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/queue/work_item.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// Its nodes lie behind it, or are a part of the list of nodes that nobody precedes.
struct graph_share : work_item {
    static constexpr std::uint32_t capacity = 56;

    /// Room for `room` nodes, which the caller fills. Throws std::bad_alloc, as the others do.
    static graph_share* make_empty(graph_core& graph, std::uint32_t room);
    static graph_share* make(graph_core& graph, node_record* const* begin, std::uint32_t count);
    static graph_share* make_copy(graph_core& graph, node_record* const* begin, std::uint32_t count);
    static graph_share* make_of_one(graph_core& graph, node_record& node);

    /// All that a pass begins with.
    static graph_share* make_of_all(graph_core& graph) { return make(graph, nullptr, 0); }
    bool is_all() const noexcept { return begin == nullptr; }

    void release() noexcept { slab_release(this, bytes); }

    node_record** nodes() noexcept { return reinterpret_cast<node_record**>(this + 1); }
    bool is_range() noexcept { return begin != nodes(); }

    graph_core* graph;
    node_record* const* begin = nullptr;
    std::uint32_t count = 0;
    std::uint32_t held = 0; // above 0: the one node was put aside, and has so many of its semaphores
    std::uint32_t bytes;

  private:
    graph_share(graph_core& its_graph, std::uint32_t its_bytes) noexcept;
};

static_assert(sizeof(graph_share) % alignof(node_record*) == 0);
static_assert(sizeof(graph_share) + graph_share::capacity * sizeof(node_record*) <= 512);

/// A node that another one has made while it ran.
struct graph_child : node_record {
    using destroyer = void (*)(graph_child& self) noexcept; // frees it, too

    static node_record& owner_of(node_record& node) noexcept { return *static_cast<graph_child&>(node).owner; }

    /// Ends a child, whether it has run or not. Returns whose child it was.
    static node_record& end(node_record& node) noexcept;

    node_record* owner = nullptr;
    destroyer destroy = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_share.ipp>
#endif
