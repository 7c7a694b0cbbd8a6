// SPDX-License-Identifier: MIT
// How a body asks whether the work that it is a part of has been stopped: a chain of links, innermost first, whose head
// is a pointer of the thread. Nobody is told; who wants to know follows the chain. A task of a join that a thief may take
// carries the head that was its owner's when it was pushed.
// Floor: sched. Operations set the scope; `this_task::stop_requested` is public.
#pragma once

#include <hocket/sched/worker.hpp>

#include <utility>

namespace hocket {
namespace detail {

/// One operation that can be stopped. It lives in the frame of the call that waits for the operation.
struct stop_link {
    bool (*stopped)(stop_link const&) noexcept;
    stop_link const* enclosing; ///< the operation in whose body this one was started, or null
};

/// The innermost operation whose body runs on this thread.
inline constinit thread_local stop_link const* current_stop = nullptr;

class stop_scope;
inline constinit thread_local stop_scope const* innermost_stop_scope = nullptr;

/// While it lives, what this thread runs is a part of the operation `link`.
class stop_scope {
  public:
    explicit stop_scope(stop_link const* link) noexcept
        : outer_link_(std::exchange(current_stop, link)),
          outer_(std::exchange(innermost_stop_scope, this)),
          link_(link),
          context_(this_context),
          top_(task_top) {}
    ~stop_scope() {
        current_stop = outer_link_;
        innermost_stop_scope = outer_;
    }
    stop_scope(stop_scope const&) = delete;
    stop_scope& operator=(stop_scope const&) = delete;

    /// The operation in whose body this thread, in the context `me`, pushed what lies in `slot`: an inner one begins above.
    static stop_link const* of(worker const& me, task_slot const* slot) noexcept {
        stop_scope const* scope = innermost_stop_scope;
        while (scope != nullptr && scope->context_ == &me && scope->top_ > slot) scope = scope->outer_;
        return scope != nullptr ? scope->link_ : nullptr;
    }

  private:
    stop_link const* outer_link_;
    stop_scope const* outer_;
    stop_link const* link_;
    worker const* context_;
    task_slot const* top_; // of the context's stack when the scope began
};

} // namespace detail

namespace this_task {

/// Whether the operation that runs the caller, or one around it, was stopped by its token or by a failure: then nobody
/// asks for the caller's result any more, and it may return early.
/// **Threads** any; false outside of parallel work. **Blocks** never. **Cost** one load for each enclosing operation.
[[nodiscard]] inline bool stop_requested() noexcept {
    for (detail::stop_link const* link = detail::current_stop; link != nullptr; link = link->enclosing)
        if (link->stopped(*link)) return true;
    return false;
}

} // namespace this_task
} // namespace hocket
