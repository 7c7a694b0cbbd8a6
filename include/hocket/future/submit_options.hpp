// SPDX-License-Identifier: MIT
// How a task is to be run: the options of submit. Public.
#pragma once

#include <hocket/base/stop_token.hpp>
#include <hocket/future/priority.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace hocket::inline HOCKET_ABI {

/// Options of submit, always the last argument; give those that matter:
/// `submit(load, {.stop = token, .name = "load"})`.
struct submit_options {
    hocket::priority priority = hocket::priority::normal;
    /// Once it is requested, a task that has not begun is ended at once, whatever it waits for: its future fails with
    /// `operation_cancelled`. A task that has
    /// begun can ask `this_task::stop_requested()`.
    detail::stop_option stop{};
    /// What `this_task::name()` says in the task: a text that lives as long as the task, such as a literal.
    char const* name = nullptr;
    /// The task begins no sooner than this long after `submit`.
    std::chrono::nanoseconds after{0};
    /// Only this worker runs it, by its rank below the pool's size; while the worker waits, a thread that runs in its
    /// place, whose `this_worker::index()` is another one.
    std::optional<std::size_t> on{};
};

} // namespace hocket
