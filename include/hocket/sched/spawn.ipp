// SPDX-License-Identifier: MIT
// The bodies of the functions that spawn.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/spawn.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE worker* slot_in(scheduler const& pool) noexcept {
    worker* const me = this_slot;
    return me != nullptr && me->sched == &pool ? me : nullptr;
}

HOCKET_NOINLINE HOCKET_INLINE void spawn_to_injector(scheduler& pool, worker* me, work_item& item,
                                                     priority level) noexcept {
    pool.tasks(level).push(item);
    pool.announce_update(me != nullptr ? me->domain : 0);
    if (level == priority::high) urge_all(pool);
}

HOCKET_INLINE void spawn_from(scheduler& pool, worker* me, work_item& item, priority level) noexcept {
    if (me != nullptr && level == priority::normal && me->deque.push(item)) [[likely]]
        return pool.announce_update(me->domain);
    spawn_to_injector(pool, me, item, level);
}

HOCKET_INLINE void spawn_list(scheduler& pool, work_item& first, work_item& last) noexcept {
    worker* const me = slot_in(pool);
    pool.tasks(priority::normal).push(first, last);
    pool.announce_update(me != nullptr ? me->domain : 0);
}

HOCKET_INLINE void spawn_on(scheduler& pool, std::uint32_t rank, work_item& item) noexcept {
    worker& target = *pool.worker_slot(rank);
    target.mailbox.push(item);
    pool.announce_mailbox(target);
    urge_holder(target);
}

HOCKET_NOINLINE HOCKET_INLINE void run_for_wait(worker& me, work_item& item) noexcept {
    job_scope const job(me, me.base_depth + 1);
    fp_default_scope const mode;
    me.counts.tasks.add();
    run_item(item);
    look_at_urgent(me);
}

HOCKET_INLINE work_item* take_one_of(worker& me, void const* scope) noexcept {
    scheduler& pool = *me.sched;
    std::uint32_t const wanted = std::exchange(me.reach, worker::short_reach);
    std::uint32_t const reach = pool.was_stuck() ? ~std::uint32_t{0} : wanted;
    if (me.deque.kept() != 0 || !me.deque.empty()) {
        work_item* item = me.pop_deque();
        if (item != nullptr && item->scope != scope) {
            me.deque.push(*item); // its place is free
            item = me.deque.pop_of(scope, reach);
            pool.announce_update(me.domain); // a worker may have parked while these were hidden
        }
        if (item != nullptr) return item;
    }
    if (!me.taken.empty()) {
        work_item* const item = me.taken.pop_of(scope, reach);
        pool.announce_update(me.domain);
        if (item != nullptr) return item;
    }
    for (priority const level : {priority::high, priority::normal, priority::low})
        if (work_item* const item = pool.tasks(level).take_of(scope, reach)) return item;
    if (!me.may_steal(now_ticks())) return nullptr;
    std::uint32_t const count = pool.worker_slots();
    for (std::uint32_t i = 1; i < count; ++i) {
        worker& other = *pool.worker_slot((me.id + i) % count);
        work_item* item = nullptr;
        while ((item = other.taken.steal_one()) != nullptr || (item = other.deque.steal_one()) != nullptr) {
            if (item->scope == scope) {
                me.steal_again();
                return item;
            }
            spawn(pool, *item); // of another scope: every searching thread finds it here as well
            if (reach != worker::short_reach) continue;
            me.steal_after += costs::wait_spin.in_ticks(); // but other threads look for their own items where it was
            return nullptr;
        }
        if (other.kept.scope() == scope && hand_out_stuck(other.kept)) {
            me.reach = wanted;
            return take_one_of(me, scope);
        }
    }
    return nullptr;
}

HOCKET_NOINLINE HOCKET_INLINE bool run_one_of(worker& me, void const* scope) noexcept {
    work_item* const item = take_one_of(me, scope);
    if (item != nullptr) run_for_wait(me, *item);
    return item != nullptr;
}

HOCKET_NOINLINE HOCKET_INLINE bool run_all_of(worker& me, void const* scope) noexcept {
    work_item* item = me.pop_deque();
    bool const found = item != nullptr && item->scope == scope;
    if (found) {
        me.reach = worker::short_reach;
        job_scope job(me, me.base_depth + 1);
        fp_default_scope const mode;
        for (;;) {
            me.counts.tasks.add();
            run_item(*item);
            look_at_urgent(me);
            item = me.pop_deque();
            if (item == nullptr || item->scope != scope) break;
            job.begin_next();
        }
    }
    if (item != nullptr) {
        me.deque.push(*item); // its place is free
        me.sched->announce_update(me.domain);
    }
    return found || run_one_of(me, scope);
}

} // namespace
