// SPDX-License-Identifier: MIT
// The bodies of the functions that semaphore.hpp declares.
#pragma once

#include <hocket/graph/semaphore.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE bool semaphore::try_take() noexcept {
    detail::os_lock const lock(mutex_);
    if (free_ == 0) return false;
    --free_;
    return true;
}

HOCKET_INLINE bool semaphore::take_or_wait(detail::work_item& waiting) noexcept {
    detail::os_lock const lock(mutex_);
    if (free_ != 0) {
        --free_;
        return true;
    }
    waiting.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &waiting;
    last_ = &waiting;
    return false;
}

HOCKET_INLINE detail::work_item* semaphore::give() noexcept {
    detail::os_lock const lock(mutex_);
    detail::work_item* const waiting = first_;
    if (waiting == nullptr) {
        ++free_;
        return nullptr;
    }
    first_ = waiting->next;
    if (first_ == nullptr) last_ = nullptr;
    return waiting;
}

HOCKET_INLINE bool semaphore::withdraw(detail::work_item& waiting) noexcept {
    detail::os_lock const lock(mutex_);
    detail::work_item* before = nullptr;
    for (detail::work_item* at = first_; at != nullptr; before = at, at = at->next) {
        if (at != &waiting) continue;
        (before != nullptr ? before->next : first_) = at->next;
        if (last_ == at) last_ = before;
        return true;
    }
    return false;
}

} // namespace
