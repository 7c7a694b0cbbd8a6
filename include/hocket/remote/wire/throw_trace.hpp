// SPDX-License-Identifier: MIT
// Where an exception was thrown: with HOCKET_REMOTE_TRACE=1, `remote_error::trace` has the calls around it. Called by
// the session and by what writes errors.
#pragma once

#include <hocket/base/config.hpp>

#include <exception>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// If the variable asks for that: from now on the loaded modules note the calls around what they throw.
void trace_throws() noexcept;

/// The calls around where it was thrown, one in a line: the file and the offset in it, and the name of the function,
/// where that is known. Empty where nothing was noted.
std::string trace_of(std::exception_ptr const& error);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/throw_trace.ipp>
#endif
