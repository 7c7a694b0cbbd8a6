// SPDX-License-Identifier: MIT
// The bodies of the functions that scope_numbers.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/sched/scope_numbers.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void const* new_scope() noexcept {
    static constinit atomic<std::uintptr_t> next_block{0};
    scope_numbers& here = scopes_here;
    if (here.next % scope_numbers::block == 0) [[unlikely]]
        here.next = next_block.fetch_add(scope_numbers::block, std::memory_order_relaxed);
    return reinterpret_cast<void const*>((here.next++ << 1) | 1);
}

} // namespace hocket::inline HOCKET_ABI::detail
