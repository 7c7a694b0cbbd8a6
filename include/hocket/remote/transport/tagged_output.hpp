// SPDX-License-Identifier: MIT
// Tags output: with HOCKET_TAG_OUTPUT=1, the lines that a worker process prints begin with the process and the task.
// Called by worker processes.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Redirects the standard output of this process through a thread that tags its lines, if the variable asks for it.
void tag_output(std::uint32_t process) noexcept;
/// Assigns the further output of this thread to a task, which has a name, or else a kind and a number.
void tag_task(char const* name, char const* kind, std::uint64_t number) noexcept;
/// Returns when all output so far has been written. Adds a missing end of line.
void flush_output() noexcept;
/// Stops tagging the output.
void end_tags() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/tagged_output.ipp>
#endif
