// SPDX-License-Identifier: MIT
// Looks at the captures of a callable for addresses, which mean nothing in another process: `[&x]` can be copied as
// bytes like any lambda. Called by the archive before it writes a closure.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>

namespace hocket::inline HOCKET_ABI::detail {

/// HOCKET_CHECK_REMOTE=1: calls on threads go through bytes too, and captures are compared with all that is mapped.
bool remote_is_checked();

/// **Throws** `not_remotable`, which names the offset, if a word of the captures is an address on the stack of the
/// calling thread, in the code or data of a module, or in the heap that grows by brk; if `thorough`, in any memory of
/// the process.
void check_captures(void const* closure, std::size_t size, std::size_t alignment, bool thorough);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/capture_check.ipp>
#endif
