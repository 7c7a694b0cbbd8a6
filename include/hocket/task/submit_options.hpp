// SPDX-License-Identifier: MIT
// How a task is to be run, floor 5: the options of submit. Public.
#pragma once

#include <hocket/task/priority.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>

namespace hocket {

/// Options of submit, always the last argument; give those that matter: `submit(load, {.stop = token, .name = "load"})`.
struct submit_options {
    hocket::priority priority = hocket::priority::normal;
    /// Once it is requested, the task is not begun any more: its future fails with `operation_cancelled`. A task that has
    /// begun can ask `this_task::stop_requested()`.
    std::stop_token stop{};
    /// What `this_task::name()` says in the task: a text that lives as long as the task, such as a literal.
    char const* name = nullptr;
    /// The task begins no sooner than this long after `submit`.
    std::chrono::nanoseconds after{0};
    /// Only this worker runs it: a rank below the pool's size, as `this_worker::index()` gives it.
    std::optional<std::size_t> on{};
};

} // namespace hocket
