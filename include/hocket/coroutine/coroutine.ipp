// SPDX-License-Identifier: MIT
// The bodies of the functions that coroutine.hpp declares.
#pragma once

#include <hocket/coroutine/coroutine.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void frame_destroyer::destroy(std::coroutine_handle<> frame, coroutine_promise_base& promise) noexcept {
    constexpr unsigned deepest = 32;
    if (depth == deepest) {
        promise.awaited_by = frame;
        promise.next = std::exchange(waiting, &promise);
        return;
    }
    ++depth;
    frame.destroy();
    if (depth == 1)
        while (waiting != nullptr) {
            std::coroutine_handle<> const deep = waiting->awaited_by;
            waiting = waiting->next;
            deep.destroy();
        }
    --depth;
}

} // namespace
