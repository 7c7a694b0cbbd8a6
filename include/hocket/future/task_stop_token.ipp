// SPDX-License-Identifier: MIT
// The bodies of the functions that task_stop_token.hpp declares.
#pragma once

#include <hocket/future/task_stop_token.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void stop_poll::ensure() {
    process_lock const lock(lock_);
    if (current_ != nullptr && current_->generation_ == fork_generation) return;
    auto* const one = new stop_poll;
    try {
        start_timer(*one);
    } catch (...) {
        delete one;
        throw;
    }
    current_ = one;
}

HOCKET_INLINE stop_poll::stop_poll() {
    due = due_after(interval);
    fire = [](timer_item* self) noexcept { static_cast<stop_poll*>(self)->look(); };
}

HOCKET_INLINE void stop_poll::look() noexcept {
    for (;;) {
        stop_listeners_of_process.tell(true);
        if (stops()) {
            delete this;
            return;
        }
        due = due_after(interval);
        try {
            return start_timer(*this);
        } catch (...) { // no memory: listeners rely on this poll, so this thread waits itself
            sleep_for(std::chrono::nanoseconds(interval).count());
        }
    }
}

HOCKET_INLINE bool stop_poll::stops() noexcept {
    process_lock const lock(lock_);
    if (stop_listeners_of_process.any_silent()) return false;
    current_ = nullptr;
    return true;
}

HOCKET_COLD HOCKET_INLINE bool stops_silently(stop_place const& place) noexcept {
    stop_walk walk;
    for (stop_place const* at = &place; at->link != nullptr;) {
        if (at->link->polled) return true;
        at = walk.around(*at->link);
        if (at == nullptr) return true;
    }
    return false;
}

HOCKET_COLD HOCKET_INLINE hocket::stop_token token_of(stop_place const& place, stop_scope const* scope) {
    hocket::stop_token token;
    std::uint32_t const used = stop_listeners_of_process.drop_used(place, scope);
    if (scope != nullptr) stop_listeners_here -= used;
    if (stop_listeners_of_process.find(place, scope, [&](stop_listener& found) {
            token = static_cast<token_listener&>(found).source.get_token();
        }))
        return token;
    bool const silent = stops_silently(place);
    auto* const fresh = new token_listener(place, scope, silent);
    token = fresh->source.get_token();
    stop_listeners_of_process.add(*fresh);
    if (scope != nullptr) ++stop_listeners_here;
    if (silent) stop_poll::ensure();
    return token;
}

} // namespace

namespace hocket::inline HOCKET_ABI::this_task {

HOCKET_INLINE hocket::stop_token stop_token() {
    detail::stop_place const place = detail::stop_place::here();
    return place.is_somewhere() ? detail::token_of(place, detail::innermost_stop_scope) : hocket::stop_token();
}

} // namespace
