// SPDX-License-Identifier: MIT
// The number of the task that runs the caller. Public: `this_task::id`.
#pragma once

#include <hocket/sched/stop_scope.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::this_task {

/// Returns the number of the task or body that runs the caller: a task of `submit`, `spawn`, a group or a graph, or one
/// chunk of a loop. All calls within it return that number, and no other one in this process gets it. Returns 0 outside
/// of tasks. The process counts from 1 in the order of first calls, so numbers do not tell when tasks began.
///
/// A callable of `join` that the thread of its caller runs is a part of the caller's task. It has a number of its own
/// if another thread has stolen it. `pool.run(f)` makes no task either. A coroutine asks anew after each `co_await`: it
/// may have another number where it continues. **Threads** any. **Blocks** never. **Cost** a load; for the first call
/// in a task a read-modify-write of a word that all threads share. A task that does not ask has no number.
[[nodiscard]] inline std::uint64_t id() noexcept {
    detail::stop_scope const* const body = detail::innermost_stop_scope;
    return body != nullptr ? body->number() : 0;
}

} // namespace hocket::this_task
