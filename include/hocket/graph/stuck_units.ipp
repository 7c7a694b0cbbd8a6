// SPDX-License-Identifier: MIT
// The bodies of the functions that stuck_units.hpp declares.
#pragma once

#include <hocket/graph/graph_units.hpp>
#include <hocket/graph/stuck_units.hpp>
#include <hocket/sched/spawn.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void stuck_units::look() noexcept {
    std::string cycle;
    work_item* waiting = nullptr;
    all_sleeping_threads.hold([&](sleeping_thread* first) {
        os_lock const lock(held_units::mutex);
        waiting = find(first, cycle);
    });
    if (waiting != nullptr) fail(waiting, cycle);
}

HOCKET_COLD HOCKET_INLINE work_item* stuck_units::find(sleeping_thread* first, std::string& cycle) noexcept {
    held_units::sleeping_ = first;
    held_units::find_stuck_ = &find_stuck;
    list(first);
    held_units::find_dead();
    work_item* waiting = nullptr;
    if (any_dead()) {
        graph_run* const runs = choose();
        held_units::find_dead();
        cycle = graph_units::cycle_text();
        for (graph_run* run = runs; run != nullptr; run = run->next_in_search)
            if (std::exchange(run->fails, false)) waiting = withdraw(*run, waiting);
    }
    unlist(first);
    held_units::sleeping_ = nullptr;
    return waiting;
}

HOCKET_COLD HOCKET_INLINE graph_run* stuck_units::choose() noexcept {
    graph_run* runs = nullptr;
    held_units::for_each_dead_share([&](graph_batch const& waiting) {
        graph_run& run = *waiting.graph->run;
        run.left_out = true;
        run.next_in_search = runs;
        runs = &run;
    });
    for (graph_run* run = runs; run != nullptr; run = run->next_in_search) {
        run->left_out = false;
        held_units::find_dead();
        run->left_out = any_dead();
    }
    for (graph_run* run = runs; run != nullptr; run = run->next_in_search)
        run->fails = std::exchange(run->left_out, false);
    return runs;
}

HOCKET_COLD HOCKET_INLINE void stuck_units::find_stuck() noexcept {
    held_up_states search(held_units::sleeping_);
    held_units::for_each_dead_share([&](graph_batch const& waiting) { search.add(*waiting.graph->run->awaited); });
    if (search.find()) return;
    for (sleeping_thread* thread = held_units::sleeping_; thread != nullptr; thread = thread->next)
        thread->stuck = false;
}

HOCKET_COLD HOCKET_INLINE bool stuck_units::any_dead() noexcept {
    for (semaphore const* s = held_units::first_; s != nullptr; s = s->next_held_)
        if (s->dead_) return true;
    return false;
}

template<class F>
HOCKET_COLD void stuck_units::for_each_limit(sleeping_thread const* first, F const& f) noexcept {
    for (sleeping_thread const* thread = first; thread != nullptr; thread = thread->next) {
        for (std::uint32_t i = 0; i != thread->piece_count; ++i) {
            auto const& piece = static_cast<graph_runner_record const&>(*thread->pieces[i]);
            node_record* const node = piece.runs();
            if (node == nullptr || (node->flags & node_flags::limited) == 0) continue;
            graph_store<graph_limit>& limits = piece.graph->limits;
            for (std::uint32_t at = node->limits() + 1; at != 0; at = limits[at - 1].next)
                if (limits[at - 1].use == unit_use::holds) f(*piece.graph, *node, limits[at - 1]);
        }
    }
}

HOCKET_COLD HOCKET_INLINE void stuck_units::list(sleeping_thread const* first) noexcept {
    for_each_limit(first, [](graph_core& graph, node_record& node, graph_limit& its) {
        if (its.holder.units != 0) return;
        its.holder.graph = &graph;
        its.holder.node = &node;
        its.holder.lent = false;
        its.holder.briefly = true;
        held_units::add(*its.what, its.holder);
    });
}

HOCKET_COLD HOCKET_INLINE void stuck_units::unlist(sleeping_thread const* first) noexcept {
    for_each_limit(first, [](graph_core&, node_record&, graph_limit& its) {
        if (std::exchange(its.holder.briefly, false)) held_units::remove(*its.what, its.holder);
    });
}

HOCKET_COLD HOCKET_INLINE work_item* stuck_units::withdraw(graph_run const& run, work_item* others) noexcept {
    for (semaphore* s = held_units::first_; s != nullptr; s = s->next_held_) {
        work_item* out = s->withdraw_all(
            [&](work_item const& item) { return static_cast<graph_batch const&>(item).graph->run == &run; });
        while (work_item* const item = out) {
            out = item->next;
            item->next = others;
            others = item;
        }
    }
    return others;
}

HOCKET_COLD HOCKET_INLINE void stuck_units::fail(work_item* waiting, std::string const& cycle) noexcept {
    while (work_item* const item = waiting) {
        waiting = item->next;
        auto& batch = static_cast<graph_batch&>(*item);
        graph_run& run = *batch.graph->run;
        if (!run.is_stopped()) {
            try {
                graph_units::throw_dead(cycle);
            } catch (...) {
                run.keep_error(~std::uint32_t{0});
            }
        }
        --batch.held;
        spawn(*run.pool, batch);
    }
}

} // namespace
