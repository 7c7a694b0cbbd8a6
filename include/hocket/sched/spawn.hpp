// SPDX-License-Identifier: MIT
// Handing work to a pool, floor 3: into the lane of the context that the caller holds, else into the pool's inbox. Called by
// everything that makes tasks.
#pragma once

#include <hocket/queue/work_item.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <utility>

namespace hocket::detail {

/// The context in this pool that the calling thread holds, or null.
inline worker* context_in(scheduler const& pool) noexcept {
    worker* const me = this_context;
    return me != nullptr && me->sched == &pool ? me : nullptr;
}

/// The same where no lane takes it.
HOCKET_NOINLINE inline void spawn_to_inbox(scheduler& pool, worker* me, work_item& item, urgency level) noexcept {
    pool.tasks(level).push(item);
    pool.announce_update(me != nullptr ? me->domain : 0);
}

/// `spawn` by a thread that holds the context `me` in this pool, or none.
inline void spawn_from(scheduler& pool, worker* me, work_item& item, urgency level = urgency::normal) noexcept {
    if (me != nullptr && level == urgency::normal && me->lane.push(item)) [[likely]]
        return pool.announce_update(me->domain);
    spawn_to_inbox(pool, me, item, level);
}

/// Hands `item` to the pool. From any thread; never blocks. It is visible to all threads at return, and somebody was woken if
/// nobody was looking for work. In its own pool a thread pushes to its lane: it runs its newest item first, others take the
/// oldest. Urgent and unimportant items always go through an inbox of the pool.
inline void spawn(scheduler& pool, work_item& item, urgency level = urgency::normal) noexcept {
    spawn_from(pool, context_in(pool), item, level);
}

/// The same for a list linked by `next`, of which `last` is the end; begun in about that order.
inline void spawn_list(scheduler& pool, work_item& first, work_item& last) noexcept {
    worker* const me = context_in(pool);
    pool.tasks(urgency::normal).push(first, last);
    pool.announce_update(me != nullptr ? me->domain : 0);
}

/// Only the thread of the worker with this rank runs `item`, as soon as it searches for work.
inline void spawn_on(scheduler& pool, std::uint32_t rank, work_item& item) noexcept {
    worker& target = *pool.context(rank);
    target.mail.push(item);
    pool.announce_mail(target);
}

/// Runs one item that a wait has taken out.
HOCKET_NOINLINE inline void run_for_wait(worker& me, work_item& item) noexcept {
    job_scope const job(me, me.base_depth + 1);
    run_item(item);
}

/// For a thread that waits for everything of `scope`: takes one of its items out. Null when none is found in reach: in its own
/// lane, the inbox, or at the old end of others' lanes.
inline work_item* take_one_of(worker& me, void const* scope) noexcept {
    scheduler& pool = *me.sched;
    std::uint32_t const wanted = std::exchange(me.reach, worker::short_reach);
    std::uint32_t const reach = pool.was_stuck() ? ~std::uint32_t{0} : wanted;
    if (me.lane.kept() != 0 || !me.lane.empty()) {
        work_item* item = me.pop_lane();
        if (item != nullptr && item->scope != scope) {
            me.lane.push(*item); // its place is free
            item = me.lane.pop_of(scope, reach);
            pool.announce_update(me.domain); // somebody may have parked while these were not to be seen
        }
        if (item != nullptr) return item;
    }
    for (urgency const level : {urgency::high, urgency::normal, urgency::low})
        if (work_item* const item = pool.tasks(level).take_of(scope, reach)) return item;
    if (!me.may_steal(now_ticks())) return nullptr;
    std::uint32_t const count = pool.contexts();
    for (std::uint32_t i = 1; i < count; ++i) {
        worker& other = *pool.context((me.id + i) % count);
        work_item* item = nullptr;
        while (!other.lane.empty() && other.lane.steal(&item, 1) != 0) {
            if (item->scope == scope) {
                me.steal_again();
                return item;
            }
            spawn(pool, *item); // a stranger: whoever searches finds it here as well
            if (reach != worker::short_reach) continue;
            me.steal_after +=
                wait_spin_microseconds * ticks_per_microsecond(); // but others look for their own where it was
            return nullptr;
        }
    }
    return nullptr;
}

/// The same, and runs it. False when none was found.
HOCKET_NOINLINE inline bool run_one_of(worker& me, void const* scope) noexcept {
    work_item* const item = take_one_of(me, scope);
    if (item != nullptr) run_for_wait(me, *item);
    return item != nullptr;
}

/// The same for a thread that waits for all of `scope`, so that none of its items is one too many: runs those at the top of
/// its own lane one after another, else one from elsewhere.
HOCKET_NOINLINE inline bool run_all_of(worker& me, void const* scope) noexcept {
    work_item* item = me.pop_lane();
    bool const found = item != nullptr && item->scope == scope;
    if (found) {
        me.reach = worker::short_reach;
        job_scope job(me, me.base_depth + 1);
        for (;;) {
            run_item(*item);
            item = me.pop_lane();
            if (item == nullptr || item->scope != scope) break;
            job.begin_next();
        }
    }
    if (item != nullptr) {
        me.lane.push(*item); // its place is free
        me.sched->announce_update(me.domain);
    }
    return found || run_one_of(me, scope);
}

} // namespace hocket::detail
