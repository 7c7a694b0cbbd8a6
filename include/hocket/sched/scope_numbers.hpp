// SPDX-License-Identifier: MIT
// The numbers of the scopes of tasks. No two are equal, and the numbers that one thread gives increase. So a number
// also says whether the thread gave it before a point in time. Callers: stop_scope.hpp, and all code that makes tasks.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The block of numbers that a thread has taken, of which it gives one after the other.
struct scope_numbers {
    static constexpr std::uintptr_t block = std::uintptr_t{1} << 16;

    std::uintptr_t next = 0; // a multiple of `block`: no number is left

    /// Whether this thread has given the number since `next` was `then`. A number of a block that the thread has begun
    /// and used up meanwhile counts as not given.
    [[nodiscard]] bool given_since(std::uintptr_t then, void const* scope) const noexcept {
        std::uintptr_t const number = reinterpret_cast<std::uintptr_t>(scope) >> 1;
        std::uintptr_t const begin = (next - 1) / block * block; // of the current block
        if (next == 0 || scope == nullptr) return false;
        if (number >= begin && number < next) return number >= then;
        return then < begin && then % block != 0 && number >= then && number / block == then / block;
    }
};

inline constinit thread_local scope_numbers scopes_here;

/// Returns a new number, which no other chain of tasks has, and which is no address. A wait runs the tasks that have
/// the awaited scope. A task that continues another one is in its scope, unless something else may continue that task
/// as well. So all tasks of the scope of a future without continuations are tasks that it needs.
void const* new_scope() noexcept;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/scope_numbers.ipp>
#endif
