// SPDX-License-Identifier: MIT
// The way a task is to be run: the options of submit. Public.
#pragma once

#include <hocket/base/priority.hpp>
#include <hocket/base/stop_token.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace hocket::inline HOCKET_ABI {

/// Options of submit, always the last argument; give only the members that you need:
/// `submit(load, {.stop = token, .name = "load"})`.
struct submit_options {
    hocket::priority priority = hocket::priority::normal;
    /// The stop token of the task. A request ends a task that has not begun at once, whatever it waits for: its future
    /// fails with `operation_cancelled`. A task that has begun can ask `this_task::stop_requested()`.
    detail::stop_option stop{};
    /// The text that `this_task::name()` returns in the task, for traces and `dump` as well. It lives as long as the
    /// task, such as a literal.
    char const* name = nullptr;
    /// The delay: the task begins no sooner than this long after `submit`.
    std::chrono::nanoseconds after{0};
    /// The only worker that runs the task, by its rank below the pool's size. While the worker waits, a thread that
    /// runs in its place may run the task, and `this_worker::index()` of that thread is another one.
    std::optional<std::size_t> on{};
};

} // namespace hocket
