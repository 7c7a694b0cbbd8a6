// SPDX-License-Identifier: MIT
// The bodies of the functions that latch_waiters.hpp declares.
#pragma once

#include <hocket/sched/latch_waiters.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool scheduler::announce_wait(latch_waiter& me) noexcept {
    if (!me.listed) {
        latch::announcement const what = me.awaited->announce_wait(me.slot->id);
        if (what != latch::announcement::taken) return what == latch::announcement::made;
        os_lock const lock(waiters_mutex_);
        me.next = latch_waiters_;
        latch_waiters_ = &me;
        me.listed = true;
    }
    return me.awaited->announce_more();
}

HOCKET_COLD HOCKET_INLINE void scheduler::withdraw_wait(latch_waiter& me) noexcept {
    if (!me.listed) {
        (void)me.awaited->withdraw(me.slot->id);
        return;
    }
    os_lock const lock(waiters_mutex_);
    bool others = false;
    for (latch_waiter** at = &latch_waiters_; *at != nullptr;) {
        if (*at == &me) {
            *at = me.next;
            continue;
        }
        others |= (*at)->awaited == me.awaited;
        at = &(*at)->next;
    }
    if (!others) me.awaited->withdraw_more();
}

HOCKET_COLD HOCKET_INLINE void scheduler::wake_waiters_of(latch const* finished, std::uint32_t told) noexcept {
    if (std::uint32_t const first = latch::slot_of(told); first != 0) worker_slot(first - 1)->wake_waiter();
    if ((told & latch::more_flag) == 0) return;
    os_lock const lock(waiters_mutex_);
    for (latch_waiter const* one = latch_waiters_; one != nullptr; one = one->next)
        if (one->awaited == finished) one->slot->wake_waiter();
}

} // namespace
