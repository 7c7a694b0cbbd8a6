// SPDX-License-Identifier: MIT
// A batch of ready nodes of a running graph, in the queues of a pool. The worker that takes it out runs it as a runner.
// Also the children that spawning nodes add while they run. Used by graph_runner.hpp.
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

/// A batch. Its nodes lie behind it in memory, or are a part of the list of nodes without predecessors.
struct graph_batch : work_item {
    static constexpr std::uint32_t capacity = 56;

    /// Makes a batch with room for `room` nodes, which the caller fills. Throws std::bad_alloc, as the functions below
    /// do.
    static graph_batch* make_empty(graph_core& graph, std::uint32_t room);
    static graph_batch* make(graph_core& graph, node_record* const* begin, std::uint32_t count);
    static graph_batch* make_copy(graph_core& graph, node_record* const* begin, std::uint32_t count);
    static graph_batch* make_of_one(graph_core& graph, node_record& node);

    /// Makes the batch with which a pass begins.
    static graph_batch* make_of_all(graph_core& graph) { return make(graph, nullptr, 0); }
    bool is_all() const noexcept { return begin == nullptr; }

    void release() noexcept { slab_release(this, bytes); }

    node_record** nodes() noexcept { return reinterpret_cast<node_record**>(this + 1); }
    bool is_range() noexcept { return begin != nodes(); }

    graph_core* graph;
    node_record* const* begin = nullptr;
    std::uint32_t count = 0;
    std::uint32_t held = 0; // if not 0: its one node was put aside, and has so many of its units
    std::uint32_t bytes;

  private:
    graph_batch(graph_core& its_graph, std::uint32_t its_bytes) noexcept;
};

static_assert(sizeof(graph_batch) % alignof(node_record*) == 0);
static_assert(sizeof(graph_batch) + graph_batch::capacity * sizeof(node_record*) <= 512);

/// A node that another node has added while it ran.
struct graph_child : node_record {
    using destroyer = void (*)(graph_child& self) noexcept; // destroys and frees it

    static node_record& owner_of(node_record& node) noexcept { return *static_cast<graph_child&>(node).owner; }

    /// Destroys a child, whether it has run or not. Returns the spawning node to which it belongs.
    static node_record& end(node_record& node) noexcept;

    node_record* owner = nullptr;
    destroyer destroy = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_batch.ipp>
#endif
