// SPDX-License-Identifier: MIT
// The bodies of the functions that urgent.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/urgent.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void urge_all(scheduler& pool) noexcept {
    std::uint32_t const count = pool.worker_slots();
    for (std::uint32_t i = 0; i < count; ++i) pool.worker_slot(i)->urge();
}

HOCKET_COLD HOCKET_INLINE void urge_holder(worker& target) noexcept {
    target.urge();
    std::uint32_t const presence = target.presence.load(std::memory_order_relaxed);
    if (presence >= worker::first_stand_in) target.sched->worker_slot(presence - worker::first_stand_in)->urge();
}

HOCKET_COLD HOCKET_INLINE bool urgent_look::finds_some(worker& me) noexcept {
    me.urged.store(false, std::memory_order_relaxed);
    std_atomics::full_fence(); // <- sleep.publish
    if (me.sched->tasks(priority::high).empty() && me.place().mailbox.empty() && !me.sched->has_overdue()) return false;
    me.urged.store(true, std::memory_order_relaxed);
    return true;
}

HOCKET_INLINE bool urgent_look::take_high(scheduler& pool, work_item*& item) noexcept {
    if (pool.tasks(priority::high).take(&item, 1) == 0) return false;
    if (pool.giving_way_.load(std::memory_order_relaxed)) // another thread may leave its core for the next one
        pool.giving_way_.store(false, std::memory_order_relaxed);
    return true;
}

HOCKET_COLD HOCKET_INLINE void urgent_look::give_way(worker& me, std::uint32_t pieces) noexcept {
    if (!finds_some(me)) return;
    bool const is_compensation = me.bit >= idle_set::workers;
    if (!me.counts_as_awake || me.times_released != 0 || (is_compensation && !me.stands_in()))
        return; // it has no core of its own
    ticks const now = now_ticks();
    if (now < me.gives_way_after) return;
    scheduler& pool = *me.sched;
    worker& place = me.place();
    if (place.mailbox.empty() && pool.tasks(priority::high).empty()) {
        if (me.beside_overdue == 0) me.beside_since = now;
        me.beside_overdue += pieces;
        bool const long_ones = me.beside_overdue >= long_pieces_beside_overdue &&
                               now - me.beside_since >= costs::overdue_patience.in_ticks();
        if (me.beside_overdue < pieces_beside_overdue && !long_ones) return;
    }
    me.beside_overdue = 0;
    if (place.mailbox.empty()) {
        pool.announce(me.domain);
        if (pool.somebody_searches() || pool.giving_way_.exchange(true, std::memory_order_relaxed)) return;
        leave_core(me, place);
        pool.giving_way_.store(false, std::memory_order_relaxed);
    } else {
        leave_core(me, place);
    }
}

HOCKET_INLINE void urgent_look::leave_core(worker& me, worker& place) noexcept {
    scheduler& pool = *me.sched;
    std::uint32_t none = 0;
    if (!place.errand.compare_exchange_strong(none, me.id + 1, std::memory_order_relaxed)) return;
    std::uint64_t const since = trace_begin();
    me.wait_parker.reset();
    me.times_released = 1;
    me.leave_place();
    pool.idle_[me.domain].release_core(); // takes no core request instead: then no other thread would come
    pool.wake_searchers(me.domain, 1);
    bool const woken = sleep_or_serve(costs::urgent_patience.nanoseconds,
                                      [&](long long pause) { return me.wait_parker.sleep_for(pause); });
    bool const nobody_came = !woken && me.has_free_place();
    std::uint32_t mine = me.id + 1;
    if (place.errand.compare_exchange_strong(mine, 0, std::memory_order_relaxed)) {
        pool.reacquire_core(me);
    } else { // the stand-in has handed the core over
        --me.times_released;
        me.return_to_place();
    }
    trace_end("gives way", "wait", since);
    ticks const interval = costs::urgent_interval.in_ticks();
    me.gives_way_after = now_ticks() + (nobody_came ? 32 * interval : interval);
}

} // namespace
