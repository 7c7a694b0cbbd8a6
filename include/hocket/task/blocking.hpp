// SPDX-License-Identifier: MIT
// Calls that block in the system, floor 5: another thread of the pool works meanwhile. Public: `blocking`.
#pragma once

#include <hocket/queue/task_slot.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket {
namespace detail {

/// The context whose core the calling thread has lent for a call that blocks.
inline constinit thread_local worker const* blocked_context = nullptr;

/// While it lives, the core of the calling thread is for others, and so is all that this thread has not begun.
class blocking_scope {
  public:
    blocking_scope() noexcept : outer_(blocked_context) {
        worker* const me = this_context;
        if (me == nullptr || me == outer_) return;
        me->publish_all(); // nobody could ask this thread for it while it is away
        me->sched->lend_core(*me);
        me_ = me;
        blocked_context = me;
    }
    ~blocking_scope() {
        if (me_ == nullptr) return;
        blocked_context = outer_;
        me_->sched->return_core(*me_);
    }
    blocking_scope(blocking_scope const&) = delete;
    blocking_scope& operator=(blocking_scope const&) = delete;

  private:
    worker* me_ = nullptr;
    worker const* outer_;
};

} // namespace detail

/// Calls `f()`, which may block in the system (read, sleep, a lock that others hold for long), and returns its result.
/// Meanwhile another thread of the pool runs on this core, a new one if need be, up to sixteen for each 32 workers.
///
/// **Threads** any; outside of a pool, and within another `blocking`, it just calls. **Blocks** as `f` does. **Throws**
/// what `f` throws.
/// **Cost** two RMWs of a word that the pool shares; some microseconds more when a thread is woken: for calls that take
/// longer than that.
template<std::invocable F>
decltype(auto) blocking(F&& f) {
    detail::blocking_scope const scope;
    return std::forward<F>(f)();
}

} // namespace hocket
