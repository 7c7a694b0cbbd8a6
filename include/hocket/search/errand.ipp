// SPDX-License-Identifier: MIT
// The bodies of the functions that errand.hpp declares.
#pragma once

#include <hocket/search/errand.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool search::run_urgent() noexcept {
    if (sched_.has_overdue() && run_overdue()) return true;
    work_item* item = nullptr;
    if (me_.place().mailbox.take(&item, 1) == 0 && !urgent_look::take_high(sched_, item)) return false;
    found_work();
    {
        job_scope const job(me_, 0);
        me_.counts.tasks.add();
        run_item(*item);
    }
    sched_.finish_batch(me_);
    idle().begin_search();
    return true;
}

HOCKET_COLD HOCKET_INLINE bool search::hand_back() noexcept {
    atomic<std::uint32_t>& errand = me_.stands_for->errand;
    std::uint32_t number = errand.load(std::memory_order_relaxed);
    if (number == 0 || !errand.compare_exchange_strong(number, 0, std::memory_order_relaxed)) return false;
    leave_place();
    sched_.worker_slot(number - 1)->wake_waiter();
    return true;
}

} // namespace
