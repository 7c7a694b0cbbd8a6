// SPDX-License-Identifier: MIT
// The numbers of the scopes of tasks: no two are equal, and those that one thread gives grow. So a number also says whether the
// thread gave it before a point in time. Callers: stop_scope.hpp, and what makes tasks.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// What a thread has taken of all numbers: blocks, of which it gives one number after the other.
struct scope_numbers {
    static constexpr std::uintptr_t block = std::uintptr_t{1} << 16;

    std::uintptr_t next = 0;
    std::uintptr_t left = 0; // in the current block

    /// Whether this thread has given the number since `next` was `then`. A number of a block that it has begun and used up meanwhile counts as
    /// no.
    [[nodiscard]] bool given_since(std::uintptr_t then, void const* scope) const noexcept {
        std::uintptr_t const number = reinterpret_cast<std::uintptr_t>(scope) >> 1;
        std::uintptr_t const begin = next - (block - left);
        if (next == 0 || scope == nullptr) return false;
        if (number >= begin && number < next) return number >= then;
        return then < begin && then % block != 0 && number >= then && number / block == then / block;
    }
};

inline constinit thread_local scope_numbers scopes_here;

/// Numbers that no two chains of tasks share, and no address: a wait runs the tasks whose scope is the awaited one's. A task
/// that continues another one is in its scope, unless something else may continue it as well. So all tasks of the scope of a
/// future that nothing continues are tasks that it needs.
void const* new_scope() noexcept;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/scope_numbers.ipp>
#endif
