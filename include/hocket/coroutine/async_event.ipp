// SPDX-License-Identifier: MIT
// The bodies of the functions that async_event.hpp declares.
#pragma once

#include <hocket/coroutine/async_event.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE bool async_event::is_set() const noexcept {
    detail::os_lock const lock(mutex_);
    return set_;
}

HOCKET_INLINE void async_event::set() noexcept {
    detail::async_woken woken;
    {
        detail::os_lock const lock(mutex_);
        set_ = true;
        while (!waiting_.empty()) woken.push(waiting_.grant_first());
    }
    woken.wake_all();
}

HOCKET_INLINE void async_event::reset() noexcept {
    detail::os_lock const lock(mutex_);
    set_ = false;
}

HOCKET_INLINE bool async_event::begin(awaiter& who, detail::async_woken&) noexcept {
    if (!set_) waiting_.push(who);
    return set_;
}

} // namespace
