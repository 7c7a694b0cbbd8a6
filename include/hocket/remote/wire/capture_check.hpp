// SPDX-License-Identifier: MIT
// Checks the captures of a callable for addresses, which mean nothing in another process: `[&x]` can be copied as bytes
// like any lambda. Called by the archive before it writes a closure.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether HOCKET_CHECK_REMOTE=1 is set. Calls on threads then go through bytes too, and captures are compared with all
/// mapped memory.
bool remote_is_checked();

/// **Throws** `not_remotable`, which names the offset, if a word of the captures is an address. An address points to
/// the stack of the calling thread, to the code or data of a module, or to the heap that grows by brk. If `thorough`,
/// an address points to any memory of the process.
void check_captures(void const* closure, std::size_t size, std::size_t alignment, bool thorough);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/capture_check.ipp>
#endif
