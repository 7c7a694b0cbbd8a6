// SPDX-License-Identifier: MIT
// Notices that the process is a fork()ed child: the one file with the call of the operating system for it. A pool
// remembers the generation in which it was made, a lock that in which it was taken; threads do not exist in a child.
#pragma once

#include <hocket/base/config.hpp>

#include <pthread.h>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How often this process's line has forked since it began to count. Written in the child, while it has one thread.
inline constinit std::uint32_t fork_generation = 0;

/// Begins to count; once is enough, more does no harm.
[[gnu::cold]] void watch_forks() noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/fork.ipp>
#endif
