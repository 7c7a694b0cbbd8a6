// SPDX-License-Identifier: MIT
// Records where an exception was thrown. With HOCKET_REMOTE_TRACE=1, `remote_error::trace` lists the calls around the
// throw. Called by the session, and by the functions that write errors.
#pragma once

#include <hocket/base/config.hpp>

#include <exception>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// Makes the loaded modules record the calls around each throw from now on, if the variable asks for it.
void trace_throws() noexcept;

/// Returns the calls around the throw, one per line: the file, the offset in it, and the name of the function if it is
/// known. Empty if nothing was recorded.
std::string trace_of(std::exception_ptr const& error);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/throw_trace.ipp>
#endif
