// SPDX-License-Identifier: MIT
// The bodies of the functions that thread_hook.hpp declares.
#pragma once

#include <hocket/sched/thread_hook.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE thread_hook& thread_hook::operator=(thread_hook other) noexcept {
    std::swap(held_, other.held_);
    return *this;
}

HOCKET_INLINE thread_hook::~thread_hook() {
    if (held_ == nullptr) return;
    if (held_->references.fetch_sub(1, std::memory_order_acq_rel) ==
        1) // thread_hook.release ->, <- thread_hook.release
        delete held_;
}

} // namespace
