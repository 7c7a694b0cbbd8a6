// SPDX-License-Identifier: MIT
// Who waits for which future, floor 5: finds out, before a thread goes to sleep, whether it would wait for itself. Callers: the
// waits of futures, on their slow side.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/task/future_state.hpp>

#include <atomic>
#include <mutex>

namespace hocket::detail {

/// Its address stands for the thread.
inline constinit thread_local char thread_mark = 0;

/// A thread that sleeps until a state is complete, to which it holds a reference.
struct sleeping_thread {
    void const* mark;
    future_state_base* awaited;
    sleeping_thread* next = nullptr;
};

/// All of them, under one mutex. While it is held nobody that is listed goes on, so what they wait for exists.
class sleeping_threads {
  public:
    /// Lists a thread that is about to sleep. False, and it is not listed, when the awaited state is computed by a task of that
    /// thread, or by one whose thread waits for such a state, and so on.
    bool enter(sleeping_thread& me) noexcept {
        std::lock_guard const lock(mutex_);
        for (future_state_base* awaited = me.awaited; awaited != nullptr;) {
            void const* const runner = awaited->runner.load(std::memory_order_relaxed);
            if (runner == me.mark && !awaited->complete()) return false;
            sleeping_thread const* const other = runner != nullptr ? find(runner) : nullptr;
            awaited = other != nullptr && !awaited->complete() ? other->awaited : nullptr;
        }
        me.next = first_;
        first_ = &me;
        return true;
    }

    void leave(sleeping_thread& me) noexcept {
        std::lock_guard const lock(mutex_);
        for (sleeping_thread** place = &first_; *place != nullptr; place = &(*place)->next)
            if (*place == &me) {
                *place = me.next;
                return;
            }
    }

  private:
    sleeping_thread const* find(void const* mark) const noexcept {
        for (sleeping_thread const* s = first_; s != nullptr; s = s->next)
            if (s->mark == mark) return s;
        return nullptr;
    }

    std::mutex mutex_;
    sleeping_thread* first_ = nullptr;
};

inline constinit sleeping_threads all_sleeping_threads;

} // namespace hocket::detail
