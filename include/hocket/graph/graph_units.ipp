// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_units.hpp declares.
#pragma once

#include <hocket/graph/graph_units.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE bool graph_units::take(std::uint32_t held) {
    bool const holds_long = node_.kind() == node_flags::subgraph;
    std::uint32_t at = first();
    if (held != 0) {
        os_lock const lock(held_units::mutex);
        for (std::uint32_t i = 0; i < held; ++i, at = after(at)) {
            if (limit(at).use == unit_use::holds)
                holds_long ? list(limit(at)) : unlist(limit(at));
            else if (i + 1 == held) // the others were listed before
                list(limit(at));
        }
    }
    for (; at != 0; at = after(at), ++held) {
        if (!limit(at).what->try_take() && put_aside(*limit(at).what, held)) return false;
        if (!holds_long && limit(at).use == unit_use::holds) continue;
        os_lock const lock(held_units::mutex);
        list(limit(at));
    }
    return true;
}

HOCKET_INLINE void graph_units::give() noexcept {
    for (std::uint32_t at = any_first(); at != 0;) {
        graph_limit& its = limit(at);
        at = its.next; // before another thread may begin the node anew
        if (its.use == unit_use::holds)
            give(its);
        else if (its.use == unit_use::releases && !give_lent(graph_, *its.what))
            fail_without_unit();
    }
}

HOCKET_INLINE void graph_units::give_back(std::uint32_t most) noexcept {
    for (std::uint32_t at = first(); at != 0 && most != 0; --most) {
        graph_limit& its = limit(at);
        at = after(at);
        give(its);
    }
}

HOCKET_COLD HOCKET_INLINE bool graph_units::end_runner(graph_core& graph) noexcept {
    graph_run& run = *graph.run;
    for (;;) {
        std::string cycle;
        {
            os_lock const lock(held_units::mutex); // while it is held, no other runner of the run finishes
            if (graph.count_off()) break;
            if (run.is_stopped() || !held_units::is_stuck(run)) return false;
            cycle = cycle_text();
            graph.alive.fetch_add(1, std::memory_order_relaxed); // not 0: so no other thread finishes the pass
        }
        try {
            throw_dead(cycle);
        } catch (...) {
            run.keep_error(~std::uint32_t{0});
        }
    }
    graph.limits.for_each([&](graph_limit& its) {
        while (its.use == unit_use::acquires && give_lent(graph, *its.what)) {
        }
    });
    return true;
}

HOCKET_COLD HOCKET_INLINE void graph_units::leave_queues(graph_core const& graph, graph_run const& run) noexcept {
    if (!graph.limited) return;
    graph.limits.for_each([&](graph_limit const& its) {
        if (its.use != unit_use::releases) leave_queue(*its.what, run);
    });
    graph.nested.for_each([&](graph_nested const& it) { leave_queues(*it.graph, run); });
}

HOCKET_INLINE void graph_units::leave_queue(semaphore& what, graph_run const& run) noexcept {
    work_item* out = what.withdraw_all(
        [&](work_item const& item) { return static_cast<graph_batch const&>(item).graph->run == &run; });
    while (work_item* const item = out) {
        out = item->next;
        --static_cast<graph_batch*>(item)->held;
        spawn(*run.pool, *item);
    }
}

HOCKET_INLINE std::uint32_t graph_units::any_first() const noexcept {
    return (node_.flags & node_flags::limited) != 0 ? node_.limits() + 1 : 0;
}

HOCKET_INLINE std::uint32_t graph_units::taken_from(std::uint32_t at) const noexcept {
    while (at != 0 && limit(at).use == unit_use::releases) at = limit(at).next;
    return at;
}

HOCKET_INLINE void graph_units::list(graph_limit& its) noexcept {
    its.holder.graph = &graph_;
    its.holder.node = &node_;
    its.holder.lent = its.use == unit_use::acquires;
    held_units::add(*its.what, its.holder);
}

HOCKET_INLINE void graph_units::give(graph_limit& its) noexcept {
    if (its.use == unit_use::acquires || its.holder.units != 0) {
        os_lock const lock(held_units::mutex);
        unlist(its);
    }
    give(*its.what);
}

HOCKET_INLINE void graph_units::give(semaphore& what) noexcept {
    if (work_item* const waiting = what.give()) spawn(*static_cast<graph_batch*>(waiting)->graph->run->pool, *waiting);
}

HOCKET_INLINE bool graph_units::give_lent(graph_core& graph, semaphore& what) noexcept {
    {
        os_lock const lock(held_units::mutex);
        unit_holder* const holder = held_units::lender(what, graph);
        if (holder == nullptr) return false;
        held_units::remove(what, *holder);
    }
    give(what);
    return true;
}

HOCKET_COLD HOCKET_INLINE void graph_units::fail_without_unit() noexcept {
    if (graph_.run->is_stopped()) return;
    try {
        throw std::logic_error("hocket: a node of a task_graph releases a unit of a semaphore that no node of the "
                               "graph has acquired: " +
                               graph_.title_of(node_));
    } catch (...) {
        graph_.run->keep_error(~std::uint32_t{0});
    }
}

HOCKET_INLINE bool graph_units::put_aside(semaphore& wanted, std::uint32_t held) {
    graph_batch* batch = nullptr;
    try {
        batch = graph_batch::make_of_one(graph_, node_);
    } catch (...) {
        give_back(held);
        throw;
    }
    batch->held = held + 1;
    graph_.alive.fetch_add(1, std::memory_order_relaxed); // this runner is alive
    std::string cycle;
    bool dead = false;
    if (held == 0 && graph_.parent == nullptr) {
        if (!wanted.take_or_wait(*batch)) return stays_aside(wanted);
    } else {
        std::unique_lock lock(held_units::mutex);
        for_first(held, [this](graph_limit& its) { list(its); });
        if (!wanted.take_or_wait(*batch)) {
            if (!held_units::never_given(wanted)) {
                lock.unlock();
                return stays_aside(wanted);
            }
            cycle = cycle_text();
            if (!wanted.withdraw(*batch)) return true;
            dead = true;
        } else if (node_.kind() != node_flags::subgraph) {
            for_first(held, [](graph_limit& its) { unlist(its); });
        }
    }
    graph_.alive.fetch_sub(1, std::memory_order_relaxed);
    batch->release();
    if (!dead) return false;
    give_back(held);
    throw_dead(cycle);
}

HOCKET_INLINE bool graph_units::stays_aside(semaphore& wanted) noexcept {
    if (graph_.run->is_stopped()) leave_queue(wanted, *graph_.run);
    return true;
}

HOCKET_COLD HOCKET_INLINE void graph_units::throw_dead(std::string const& cycle) {
    throw std::logic_error("hocket: nodes wait forever for units of semaphores that their enclosing nodes hold: " +
                           cycle);
}

HOCKET_COLD HOCKET_INLINE std::string graph_units::cycle_text() noexcept {
    try {
        return held_units::text();
    } catch (...) {
        return {};
    }
}

HOCKET_COLD HOCKET_INLINE void graph_run::leave_queues() noexcept { graph_units::leave_queues(*graph, *this); }

} // namespace
