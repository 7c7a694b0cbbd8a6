// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_core.hpp declares.
#pragma once

#include <hocket/graph/graph_core.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void graph_core::open() {
    if (sealed) [[unlikely]]
        thaw();
}

HOCKET_INLINE void graph_core::add_edge(node_record& from, node_record& to) {
    open();
    edges_made.add({&from, &to});
    if (!has_conditions || from.kind() != node_flags::condition) { // does not touch `from` if possible
        ++to.before;
    } else {
        to.flags |= node_flags::chosen;
    }
}

HOCKET_INLINE void graph_core::add_name(node_record& node, std::string_view name) {
    open();
    char* const text = static_cast<char*>(arena.allocate(name.size() + 1, 1));
    std::memcpy(text, name.data(), name.size());
    text[name.size()] = 0;
    names.add({index_of(node), static_cast<std::uint32_t>(name.size()), text});
}

HOCKET_COLD HOCKET_INLINE void graph_core::add_limit(node_record& node, semaphore& what, unit_use use) {
    open();
    std::uint32_t const at = limits.size();
    if (at >> (32 - node_flags::limit_shift) != 0)
        throw std::length_error("hocket: a task_graph cannot hold more than 2^24 limits of nodes");
    std::uint32_t before = 0;
    std::uint32_t after = (node.flags & node_flags::limited) != 0 ? node.limits() + 1 : 0;
    while (after != 0 && std::uintptr_t(limits[after - 1].what) < std::uintptr_t(&what)) {
        before = after;
        after = limits[after - 1].next;
    }
    if (after != 0 && limits[after - 1].what == &what) {
        if (limits[after - 1].use == use) return;
        throw std::invalid_argument(
            "hocket: a node of a task_graph has two of limit, acquire and release with one semaphore");
    }
    limits.add({&what, after, use});
    limited = true;
    if (use != unit_use::holds) lends = true;
    if (before != 0)
        limits[before - 1].next = at + 1;
    else
        node.flags = (node.flags & ((1u << node_flags::limit_shift) - 1)) | node_flags::limited |
                     (at << node_flags::limit_shift);
}

HOCKET_INLINE void graph_core::set_rank(node_record& node, std::uint32_t rank) {
    open();
    node.flags = (node.flags & ~node_flags::ranked) | rank;
}

HOCKET_COLD HOCKET_INLINE bool graph_core::contains(graph_core const& other) const noexcept {
    if (this == &other) return true;
    bool found = false;
    nested.for_each([&](graph_nested const& it) { found = found || it.graph->contains(other); });
    return found;
}

HOCKET_COLD HOCKET_INLINE std::string_view graph_core::name_of(node_record const& node) const noexcept {
    std::uint32_t const index = index_of(node);
    std::uint32_t low = 0;
    std::uint32_t high = names.size();
    while (low < high) {
        std::uint32_t const middle = low + (high - low) / 2;
        if (names[middle].node < index)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == names.size() || names[low].node != index) return {};
    return {names[low].text, names[low].length};
}

HOCKET_COLD HOCKET_INLINE std::string graph_core::title_of(node_record const& node) const {
    std::string_view const name = name_of(node);
    return name.empty() ? "node " + std::to_string(index_of(node)) : std::string(name);
}

HOCKET_INLINE bool graph_core::ran(node_record const& node) const noexcept {
    return sealed && passes != 0 && (walked == passes || (node.state.load(std::memory_order_relaxed) >> 32) == passes);
}

HOCKET_INLINE void graph_core::require_idle(char const* what) const {
    if (running.load(std::memory_order_acquire)) // <- graph.idle
        throw std::logic_error(what);
}

HOCKET_INLINE void graph_core::freeze() {
    nested.for_each([&](graph_nested const& it) {
        it.graph->freeze();
        if (!it.graph->units_checked) units_checked = false;
        if (it.graph->limited && !limited) limited = true; // no write without a change: a stop may read it
        if (it.graph->lends && !lends) lends = true;
    });
    if (!sealed) make_flat();
}

HOCKET_INLINE void graph_core::rearm() noexcept {
    if (!uneven) return;
    nodes.for_each([](node_record& node) {
        std::uint64_t const state = node.state.load(std::memory_order_relaxed);
        node.state.store((state & ~std::uint64_t{0xffff'ffff}) | node.before, std::memory_order_relaxed);
    });
    uneven = false;
}

HOCKET_INLINE void graph_core::begin_pass(graph_run& its_run) noexcept {
    rearm();
    run = &its_run;
    if (++passes == 0) passes = 1;
}

HOCKET_INLINE graph_outcome graph_core::end_run() noexcept {
    short_runs = now_ticks() - own_run.started >= costs::run_worth_waking.in_ticks() ? 0 : short_runs + 1;
    graph_outcome outcome = own_run.end();
    running.store(false, std::memory_order_release); // graph.idle ->
    return outcome;
}

HOCKET_COLD HOCKET_INLINE void graph_core::require_sound() const {
    static_cast<void>(sorted());
    nested.for_each([](graph_nested const& it) { it.graph->require_sound(); });
}

HOCKET_INLINE void graph_core::check_units() {
    if (units_checked) return;
    require_units();
    units_checked = true;
}

HOCKET_COLD HOCKET_INLINE void graph_core::thaw() {
    require_idle("hocket: a task_graph was changed while it runs; wait for the future that run() returned");
    std::uint32_t index = 0;
    nodes.for_each([&](node_record& node) { node.state.store(index++, std::memory_order_relaxed); });
    sealed = false;
    units_checked = false;
    uneven = false;
    edges.reset();
    order.forget();
}

HOCKET_COLD HOCKET_INLINE void graph_core::die() noexcept {
    std::fputs("hocket: a task_graph is being destroyed while it runs; keep the future that run() returned, and "
               "wait for it "
               "before the graph ends\n",
               stderr);
    std::terminate();
}

} // namespace
