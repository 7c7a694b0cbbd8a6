// SPDX-License-Identifier: MIT
// What a task that was submitted with options tells those that run within it, floor 5: its stop token and its name. Public:
// `this_task::name`.
#pragma once

#include <hocket/sched/stop_scope.hpp>

#include <stop_token>
#include <utility>

namespace hocket {
namespace detail {

struct task_link : stop_link {
    explicit task_link(std::stop_token its_token = {}) noexcept
        : stop_link{&asked, nullptr}, token(std::move(its_token)) {}

    static bool asked(stop_link const& self) noexcept {
        return static_cast<task_link const&>(self).token.stop_requested();
    }

    std::stop_token token;
    char const* name = nullptr;
};

} // namespace detail

namespace this_task {

/// The `submit_options::name` of the task that runs the caller, also from within the loops and joins of that task; null for one
/// without a name, and outside of tasks.
/// **Threads** any. **Blocks** never. **Cost** some loads for each enclosing operation.
[[nodiscard]] inline char const* name() noexcept {
    for (detail::stop_link const* link = detail::current_stop; link != nullptr; link = link->enclosing)
        if (link->stopped == &detail::task_link::asked) return static_cast<detail::task_link const*>(link)->name;
    return nullptr;
}

} // namespace this_task
} // namespace hocket
