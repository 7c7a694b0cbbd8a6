// SPDX-License-Identifier: MIT
// A node of a graph: 64 bytes, of which 32 are for its callable. Built by graph_core.hpp, run by graph_runner.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/trace_file.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class graph_runner;

/// What a node does in a run besides its call and the start of its successors.
namespace node_flags {

inline constexpr std::uint32_t plain = 0;
inline constexpr std::uint32_t condition = 1; // its callable picks one successor
inline constexpr std::uint32_t spawning = 2;  // its callable adds children, which finish before its successors begin
inline constexpr std::uint32_t subgraph = 3;  // it runs another graph
inline constexpr std::uint32_t child = 4;     // a spawning node has made it; it lives until it has run
inline constexpr std::uint32_t kind = 7;
inline constexpr std::uint32_t limited = 8; // by semaphores: the high bits name the first of its graph_core::limits
inline constexpr std::uint32_t special = kind | limited;
inline constexpr std::uint32_t high = 16;
inline constexpr std::uint32_t low = 32;
inline constexpr std::uint32_t ranked = high | low;
inline constexpr std::uint32_t chosen = 64; // a condition may pick it: it does not begin by itself
inline constexpr std::uint32_t small = 128; // its callable takes at most half of the room
inline constexpr std::uint32_t near = 256;  // frozen: its successors are written into the other half
inline constexpr unsigned limit_shift = 9;

} // namespace node_flags

struct alignas(64) node_record {
    static constexpr std::size_t capacity = 32;

    void (*call)(node_record& self, graph_runner& runner) = nullptr;

    /// Holds the index of the node while the graph is being built. In a frozen graph it holds {the pass in which the
    /// node last began : 32 | the predecessors that have not finished : 32}. Writers in a run: each predecessor, which
    /// subtracts 1, and the node when it begins.
    atomic<std::uint64_t> state{0};

    std::uint32_t first = 0;  // index of the first successor in graph_core::edges
    std::uint32_t count = 0;  // number of successors; known when frozen
    std::uint32_t before = 0; // how many predecessors the node waits for
    std::uint32_t flags = 0;

    /// Holds the callable if it fits, or else a pointer to it; then up to two successors if there is room for them.
    alignas(32) unsigned char bytes[capacity];

    static constexpr std::uint32_t most_near = 2;
    node_record** near() noexcept { return reinterpret_cast<node_record**>(bytes + capacity / 2); }
    node_record* const* near() const noexcept { return reinterpret_cast<node_record* const*>(bytes + capacity / 2); }

    std::uint32_t kind() const noexcept { return flags & node_flags::kind; }
    std::uint32_t limits() const noexcept { return flags >> node_flags::limit_shift; }
};

static_assert(sizeof(node_record) == 64);

/// The base of all bodies of spawning nodes.
struct node_parts {
    /// Counts the callable and the children that have not finished. Writers: the node when it begins, its children.
    atomic<std::uint32_t> left{0};
};

/// Runs a node, and records it if there is a trace.
void call_traced(node_record& node, graph_runner& runner); // in graph_special.hpp
HOCKET_ALWAYS_INLINE void call_node(node_record& node, graph_runner& runner) {
    traced() ? call_traced(node, runner) : node.call(node, runner);
}

} // namespace hocket::detail
