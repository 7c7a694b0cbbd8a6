// SPDX-License-Identifier: MIT
// The bodies of the functions that future_copy.hpp declares.
#pragma once

#include <hocket/future/future_copy.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_lent() {
    throw std::logic_error(
        "hocket: the value of this future cannot be moved out: the named future was passed to a task or a function "
        "that "
        "may still read it, and the value cannot be copied. Read it by get() on the named future, or hand the future "
        "over by std::move in the first place");
}

} // namespace
