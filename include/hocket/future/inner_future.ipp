// SPDX-License-Identifier: MIT
// The bodies of the functions that inner_future.hpp declares.
#pragma once

#include <hocket/future/future_task.hpp>
#include <hocket/future/inner_future.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void inner_future::end(future_state_base& inner) noexcept {
    if (!inner.word.lent()) detail::give_up(inner);
}

HOCKET_COLD HOCKET_INLINE void inner_future::end_late(future_state_base& inner) noexcept {
    end(inner);
    tell_of_stop();
}

HOCKET_COLD HOCKET_INLINE void inner_future::end_claimed(std::uintptr_t inner) noexcept {
    future_state_base& state = *reinterpret_cast<future_state_base*>(inner);
    end(state);
    std::uintptr_t expected = in_use;
    if (!word_.compare_exchange_strong(expected, inner, std::memory_order_acq_rel, // inner_future.word ->
                                       std::memory_order_acquire))                 // <- inner_future.word
        state.release();                                                           // the forwarder's
}

HOCKET_COLD HOCKET_INLINE void inner_future::give_up(future_state_base& task) noexcept {
    std::uintptr_t seen = word_.load(std::memory_order_acquire); // <- inner_future.word
    do {
        if (seen == given_up || seen == in_use || seen == over) return;
    } while (!word_.compare_exchange_weak(seen, seen == nothing ? given_up : in_use,
                                          std::memory_order_acq_rel,   // inner_future.word ->, <- inner_future.word
                                          std::memory_order_acquire)); // <- inner_future.word
    if (seen == nothing) return;
    static constinit thread_local inner_future** waiting = nullptr;
    claimed_ = seen;
    if (waiting != nullptr) { // within another one
        task_ = &task;
        task.retain();
        next_ = std::exchange(*waiting, this);
        return;
    }
    inner_future* list = nullptr;
    waiting = &list;
    end_claimed(seen);
    while (inner_future* const deeper = list) {
        list = deeper->next_;
        future_state_base& its_task = *deeper->task_;
        deeper->end_claimed(deeper->claimed_);
        its_task.release();
    }
    waiting = nullptr;
}

} // namespace hocket::inline HOCKET_ABI::detail
