// SPDX-License-Identifier: MIT
// The bodies of the functions that future_state.hpp declares.
#pragma once

#include <hocket/future/future_state.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE bool asks_for_error(continuation const* newest) noexcept {
    for (; newest != nullptr; newest = newest->next)
        if (!newest->kind->leaves_error) return true;
    return false;
}

HOCKET_INLINE bool future_state_base::add(continuation& c) noexcept {
    if (word.add(c)) return true;
    if (!c.kind->leaves_error && word.failed()) word.observe(); // the caller passes the error on
    return false;
}

HOCKET_INLINE std::exception_ptr const& future_state_base::error() noexcept {
    word.observe();
    return type->error(*this);
}

HOCKET_INLINE void call_ready(continuation* newest) noexcept {
    if (newest == nullptr) return;
    continuation* first = nullptr;
    for (continuation* c = newest; c != nullptr;) {
        continuation* const older = c->next;
        c->next = first;
        first = c;
        c = older;
    }
    if (calling != nullptr) {
        (calling->first != nullptr ? calling->last->next : calling->first) = first;
        calling->last = newest;
        return;
    }
    continuation_queue queue{first, newest};
    calling = &queue;
    while (continuation* const c = queue.first) {
        queue.first = c->next;
        c->kind->ready(c);
    }
    calling = nullptr;
}

HOCKET_COLD HOCKET_INLINE void destroy_flat(future_state_base* state) noexcept {
    if (dropped != nullptr) {
        state->scope = *dropped;
        *dropped = state;
        return;
    }
    future_state_base* rest = nullptr;
    dropped = &rest;
    do {
        state->type->destroy(state);
        state = rest;
        if (state != nullptr)
            rest = const_cast<future_state_base*>(static_cast<future_state_base const*>(state->scope));
    } while (state != nullptr);
    dropped = nullptr;
}

HOCKET_INLINE void future_state_base::release() noexcept {
    if (!word.release()) return;
    if (type->nests)
        destroy_flat(this);
    else
        type->destroy(this);
}

} // namespace
