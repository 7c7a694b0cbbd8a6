// SPDX-License-Identifier: MIT
// The bodies of the functions that hosted.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/search/hosted.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// Spawns a turn of the worker slot in the host. The caller has claimed the worker slot, as for a token. From then on
/// another thread may use it.
HOCKET_COLD HOCKET_INLINE void scheduler::give_turn(worker& slot) noexcept {
    slot.turn.run = [](work_item* item) noexcept { search(*static_cast<hosted_turn*>(item)->slot).run_turn(); };
    slot.turn.scope = nullptr; // no wait runs it
    slot.turn.slot = &slot;
    threads_.host->spawn(slot.turn);
}

HOCKET_COLD HOCKET_INLINE void search::run_turn() noexcept {
    worker* const outer = this_slot;
    task_slot* const outer_top = task_top.load(std::memory_order_relaxed);
    if (outer != nullptr) leave_stack(*outer);
    this_slot = &me_;
    me_.open_stack();
    begun_ = now_ticks();
    (void)search_until_idle();
    flush_trace();
    decay_slabs(); // no thread sleeps here that would wake for it
    this_slot = outer;
    task_top.store(outer_top, std::memory_order_relaxed);
    if (outer != nullptr) outer->open_requests(steal_request::again);
}

/// Hands the worker slot to its next turn, since the host has work for this thread. The worker slot stays claimed.
/// Returns true.
HOCKET_COLD HOCKET_INLINE bool search::end_turn() noexcept {
    me_.requests.close();
    sched_.give_turn(me_);
    return true;
}

HOCKET_INLINE bool scheduler::gives_way(ticks since) const noexcept {
    return threads_.host != nullptr && now_ticks() - since > costs::hosted_turn.in_ticks() &&
           threads_.host->is_wanted();
}

} // namespace
