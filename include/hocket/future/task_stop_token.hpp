// SPDX-License-Identifier: MIT
// A stop token for running code. With std::stop_callback a program wakes a body that blocks when its result is not
// asked for any more. Public: `this_task::stop_token`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/sched/stop_listeners.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <chrono>
#include <cstdint>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct token_listener : stop_listener {
    token_listener(stop_place const& where, void const* its_scope, bool is_silent)
        : stop_listener{&ask, &end, where, its_scope, is_silent} {}

    static void ask(stop_listener& self) noexcept { static_cast<token_listener&>(self).source.request_stop(); }
    static void end(stop_listener& self) noexcept { delete static_cast<token_listener*>(&self); }

    hocket::stop_source source;
};

/// A poll: looks once in a millisecond whether an operation was stopped by a token or its timeout, while there are
/// listeners of such operations.
class stop_poll : timer_item {
  public:
    /// Starts the poll if there is none. **Throws** std::bad_alloc.
    static void ensure();

  private:
    stop_poll();
    void look() noexcept;
    /// Ends the poll if there are no listeners. A thread that adds a listener and then calls `ensure` finds no poll, or
    /// the poll has seen the listener.
    static bool stops() noexcept;

    static constexpr std::chrono::milliseconds interval{1};
    /// The lock of the next one. Writers: threads that look at it.
    static inline constinit atomic<std::uint32_t> lock_{0};
    static inline constinit stop_poll* current_ = nullptr;

    std::uint32_t const generation_ = fork_generation;
};

/// Whether an operation may stop at this place without a call of `tell_of_stop`: by a token, by the time, or by an
/// operation around that becomes known later.
[[gnu::cold]] bool stops_silently(stop_place const& place) noexcept;

[[gnu::cold]] hocket::stop_token token_of(stop_place const& place, stop_scope const* scope);

} // namespace detail

namespace this_task {

/// Returns a token that is asked to stop when the caller's result is not asked for any more. That is the case when an
/// operation that runs the caller, at any depth, was stopped by its token, by its timeout or by a failure. So a body
/// that blocks can be woken: `std::stop_callback const on_stop(this_task::stop_token(), [&] { queue.close(); });`
///
/// The token is good until the innermost body that runs the caller returns; afterwards it is never asked to stop. A
/// coroutine asks anew after each `co_await`. Callbacks run on the thread that stops the operation, or up to a
/// millisecond later on a thread of the library: they are short, and wait for nothing that the operation does.
/// **Threads** any; outside of parallel work the token is never asked to stop. **Blocks** never. **Throws**
/// std::bad_alloc. **Cost** an allocation and a lock for the first call in a body.
[[nodiscard]] hocket::stop_token stop_token();

} // namespace this_task
} // namespace hocket::inline HOCKET_ABI

#if HOCKET_BODIES
#include <hocket/future/task_stop_token.ipp>
#endif
