// SPDX-License-Identifier: MIT
// Whose line it is: with HOCKET_TAG_OUTPUT=1 the lines that a worker process prints begin with the process and the
// task. Called by worker processes.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// From now on the standard output of this process goes through a thread that tags its lines, if the variable asks for
/// that.
void tag_output(std::uint32_t process) noexcept;
/// What this thread prints belongs to a task, which has a name or else a kind and a number.
void tag_task(char const* name, char const* kind, std::uint64_t number) noexcept;
/// Returns when all that was printed so far is out; what has no end of line gets one.
void flush_output() noexcept;
/// What is printed from now on has no tags.
void end_tags() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/tagged_output.ipp>
#endif
