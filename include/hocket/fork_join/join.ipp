// SPDX-License-Identifier: MIT
// The bodies of the functions that join.hpp declares.
#pragma once

#include <hocket/fork_join/join.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE std::exception_ptr take_exception(task_slot* slot) noexcept {
    auto* const stored = std::launder(reinterpret_cast<std::exception_ptr*>(slot->bytes));
    std::exception_ptr error = std::move(*stored);
    stored->~exception_ptr();
    return error;
}

HOCKET_COLD HOCKET_INLINE void drop_exception(task_slot* slot) {
    std::exception_ptr const error = take_exception(slot);
    if (handles_cancellation()) std::rethrow_exception(error);
}

} // namespace
