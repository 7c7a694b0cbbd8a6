// SPDX-License-Identifier: MIT
// The stop token and the name of a task that was submitted with options, for the code that runs within it. Public:
// `this_task::name`.
#pragma once

#include <hocket/base/stop_token.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct task_link : stop_link {
    explicit task_link(hocket::stop_token its_token = {}) noexcept
        : stop_link{&asked, nullptr, its_token.stop_possible()}, token(std::move(its_token)) {}

    static bool asked(stop_link const& self) noexcept { return static_cast<task_link const&>(self).stop_requested(); }
    [[nodiscard]] bool stop_requested() const noexcept {
        return token.stop_requested() || (own_state != nullptr && own_state->word.unwanted());
    }

    /// Notes that the task runs as a part of the operation that `running` describes.
    void runs_in(stop_link const& running) noexcept {
        inside_.link = &running;
        around.store(&inside_, std::memory_order_release); // stop_link.around ->
    }

    hocket::stop_token token;
    future_state_base* own_state = nullptr; // of the task: says whether the result was given up
    char const* name = nullptr;

  private:
    stop_place inside_;
};

} // namespace detail

namespace this_task {

/// Returns the `submit_options::name` of the task that runs the caller, also from within the loops and joins of that
/// task. Returns null for a task without a name, and outside of tasks. **Threads** any. **Blocks** never. **Cost** some
/// loads for each enclosing operation.
[[nodiscard]] char const* name() noexcept;

} // namespace this_task
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/future/task_link.ipp>
#endif
