// SPDX-License-Identifier: MIT
// What lies in the queues of a pool: something that a thread of the pool can begin. Tasks, nodes of graphs and
// continuations begin with one.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// Intrusive: nothing is allocated to queue it. Whoever takes it out owns it, and calls `run` once, which also frees
/// it.
struct work_item {
    void (*run)(work_item* self) noexcept = nullptr;
    work_item* next = nullptr;   // the queue's, while it lies there
    void const* scope = nullptr; // what it is a part of: only waits for that run it. Null: no wait does.
};

} // namespace hocket::detail
