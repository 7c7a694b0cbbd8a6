// SPDX-License-Identifier: MIT
// The bodies of the functions that async_waiters.hpp declares.
#pragma once

#include <hocket/coroutine/async_waiters.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void async_waiter::one_is_through() noexcept {
    if (left.fetch_sub(1, std::memory_order_acq_rel) == 1)
        run.wake(); // async_waiter.through ->, <- async_waiter.through
}

HOCKET_INLINE void async_waiters::push(async_waiter& w) noexcept {
    w.queued = true;
    w.next = nullptr;
    w.previous = last_;
    (last_ != nullptr ? last_->next : first_) = &w;
    last_ = &w;
}

HOCKET_INLINE void async_waiters::remove(async_waiter& w) noexcept {
    (w.previous != nullptr ? w.previous->next : first_) = w.next;
    (w.next != nullptr ? w.next->previous : last_) = w.previous;
    w.queued = false;
}

HOCKET_INLINE async_waiter& async_waiters::grant_first() noexcept {
    async_waiter& w = *first_;
    remove(w);
    w.granted = true;
    return w;
}

HOCKET_INLINE void async_woken::push(async_waiter& w) noexcept {
    w.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &w;
    last_ = &w;
}

HOCKET_INLINE void async_woken::wake_all() noexcept {
    while (async_waiter* const w = first_) {
        first_ = w->next;
        w->one_is_through();
    }
}

} // namespace
