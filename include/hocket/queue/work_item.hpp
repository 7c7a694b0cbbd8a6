// SPDX-License-Identifier: MIT
// The element of the queues of a pool: work that a thread of the pool can begin. Tasks, nodes of graphs and
// continuations begin with a work_item.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// Work in a queue. Intrusive: a push allocates nothing. The thread that takes the item out owns it, and calls `run`
/// once, which also frees it.
struct work_item {
    void (*run)(work_item* self) noexcept = nullptr;
    work_item* next = nullptr;   // for the queue, while the item is in it
    void const* scope = nullptr; // what the item is a part of: of all waits, only a wait for this scope runs it; null:
                                 // no wait
};

} // namespace hocket::detail
