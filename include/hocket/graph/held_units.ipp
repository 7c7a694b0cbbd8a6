// SPDX-License-Identifier: MIT
// The bodies of the functions that held_units.hpp declares.
#pragma once

#include <hocket/graph/held_units.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void held_units::add(semaphore& what, unit_holder& holder) noexcept {
    if (!holder.lent && holder.units != 0) return;
    if (holder.units++ == 0) {
        holder.next = what.holders_;
        what.holders_ = &holder;
    }
    if (what.listed_++ != 0) return;
    what.previous_held_ = nullptr;
    what.next_held_ = first_;
    if (first_ != nullptr) first_->previous_held_ = &what;
    first_ = &what;
}

HOCKET_INLINE void held_units::remove(semaphore& what, unit_holder& holder) noexcept {
    if (holder.units == 0) return;
    if (--holder.units == 0) {
        unit_holder** at = &what.holders_;
        while (*at != &holder) at = &(*at)->next;
        *at = holder.next;
    }
    if (--what.listed_ != 0) return;
    (what.previous_held_ != nullptr ? what.previous_held_->next_held_ : first_) = what.next_held_;
    if (what.next_held_ != nullptr) what.next_held_->previous_held_ = what.previous_held_;
}

HOCKET_INLINE unit_holder* held_units::lender(semaphore const& what, graph_core const& graph) noexcept {
    unit_holder* one = what.holders_;
    while (one != nullptr && !(one->lent && one->graph == &graph)) one = one->next;
    return one;
}

HOCKET_COLD HOCKET_INLINE bool held_units::never_given(semaphore& wanted) noexcept {
    if (wanted.listed_ != wanted.units_) return false;
    find_dead();
    return wanted.dead_;
}

HOCKET_COLD HOCKET_INLINE bool held_units::is_stuck(graph_run const& run) noexcept {
    find_dead();
    bool found = false;
    for_each_dead_share([&](graph_batch const& waiting) { found |= waiting.graph->run == &run; });
    return found;
}

HOCKET_COLD HOCKET_INLINE std::string held_units::text() {
    std::string result;
    unsigned lines = 0;
    auto const add = [&](semaphore* s, bool fails) {
        os_lock const lock(s->mutex_);
        for (work_item* waiting = s->first_; waiting != nullptr && lines < 8; waiting = waiting->next) {
            auto& batch = static_cast<graph_batch&>(*waiting);
            if (batch.graph->run->fails != fails) continue;
            result += (lines != 0 ? "; " : "") + batch.graph->title_of(**batch.begin) + " waits for ";
            unsigned holders = 0;
            for (unit_holder* h = s->holders_; h != nullptr && holders < 8; h = h->next, ++holders)
                result += (holders != 0 ? ", " : "") + h->graph->title_of(*h->node);
            ++lines;
        }
    };
    for (bool const fails : {true, false})
        for (semaphore* s = first_; s != nullptr; s = s->next_held_)
            if (s->dead_) add(s, fails);
    return result;
}

HOCKET_INLINE void held_units::find_dead() noexcept {
    for (semaphore* s = first_; s != nullptr; s = s->next_held_) s->dead_ = s->listed_ == s->units_;
    for (bool changed = true; changed;) {
        changed = false;
        if (sleeping_ != nullptr) find_stuck_();
        for (semaphore* s = first_; s != nullptr; s = s->next_held_)
            if (s->dead_ && !all_wait(*s)) {
                s->dead_ = false;
                changed = true;
            }
    }
}

HOCKET_INLINE bool held_units::all_wait(semaphore const& s) noexcept {
    for (unit_holder const* h = s.holders_; h != nullptr; h = h->next)
        if (!(h->lent ? is_still(*h->graph) : waits(*h))) return false;
    return true;
}

HOCKET_INLINE bool held_units::waits(unit_holder const& holder) noexcept {
    bool found = false;
    for_each_dead_share(
        [&](graph_batch const& waiting) { found = found || is_within(waiting.graph, *waiting.begin, holder); });
    for_each_stuck_piece(
        [&](graph_runner_record const& piece) { found = found || is_within(piece.graph, piece.runs(), holder); });
    return found;
}

HOCKET_INLINE bool held_units::is_still(graph_core& graph) noexcept {
    std::uint64_t const now = ++searches_;
    std::uint64_t counted = 0;
    graph_core* inside = nullptr; // the subgraphs in which a node waits
    auto const count = [&](graph_core* at) {
        graph_core* below = nullptr;
        for (; at != nullptr && at != &graph; at = at->parent) below = at;
        if (at == nullptr || (below != nullptr && below->search == now)) return;
        ++counted;
        if (below == nullptr) return;
        below->search = now;
        below->next_in_search = inside;
        inside = below;
    };
    for_each_dead_share([&](graph_batch const& waiting) { count(waiting.graph); });
    for_each_stuck_piece([&](graph_runner_record const& piece) {
        if (piece.search == now || piece.runs() == nullptr || !piece.keeps_nothing()) return;
        piece.search = now;
        count(piece.graph);
    });
    for (; inside != nullptr; inside = inside->next_in_search)
        if (!is_still(*inside)) return false;
    return counted == graph.alive.load(std::memory_order_acquire); // <- graph.alive
}

HOCKET_INLINE bool held_units::is_within(graph_core const* graph, node_record const* node,
                                         unit_holder const& holder) noexcept {
    for (; graph != nullptr; graph = graph->parent) {
        if (node == holder.node) return true;
        node = graph->parent_node;
    }
    return false;
}

} // namespace
