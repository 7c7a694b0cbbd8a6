// SPDX-License-Identifier: MIT
// Notices that the process is a child of fork(): the one file with the operating system's call for it. A pool remembers
// the generation in which it was made, and a lock the generation in which it was taken. The threads of the parent do
// not exist in a child.
#pragma once

#include <hocket/base/config.hpp>

#include <pthread.h>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How many forks lie between the process that began to count and this one. Written in the child, while it has one
/// thread.
inline constinit std::uint32_t fork_generation = 0;

/// Begins to count. Once is enough; further calls do no harm.
[[gnu::cold]] void watch_forks() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/fork.ipp>
#endif
