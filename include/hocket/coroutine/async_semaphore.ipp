// SPDX-License-Identifier: MIT
// The bodies of the functions that async_semaphore.hpp declares.
#pragma once

#include <hocket/coroutine/async_semaphore.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE bool async_semaphore::try_acquire() noexcept {
    detail::os_lock const lock(mutex_);
    return take();
}

HOCKET_INLINE void async_semaphore::release(std::size_t permits) noexcept {
    detail::async_woken woken;
    {
        detail::os_lock const lock(mutex_);
        free_ += permits;
        for (; free_ != 0 && !waiting_.empty(); --free_) woken.push(waiting_.grant_first());
    }
    woken.wake_all();
}

HOCKET_INLINE bool async_semaphore::take() noexcept {
    if (free_ == 0) return false;
    --free_;
    return true;
}

HOCKET_INLINE bool async_semaphore::begin(awaiter& who, detail::async_woken&) noexcept {
    if (take()) return true;
    waiting_.push(who);
    return false;
}

HOCKET_INLINE async_lock& async_lock::operator=(async_lock other) noexcept {
    std::swap(mutex_, other.mutex_);
    return *this;
}

HOCKET_INLINE async_lock async_mutex::awaiter::await_resume() {
    finish();
    return async_lock(&object_);
}

} // namespace
