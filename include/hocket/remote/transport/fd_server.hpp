// SPDX-License-Identifier: MIT
// Passes descriptors of shared memory to processes that may not open them by /proc/PID/fd: processes in other user or
// process namespaces, such as ranks that run in a container each. Called by shared_region.hpp and the session.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/remote/transport/owned_fd.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A descriptor of another process, and the identity of its file.
struct wanted_fd {
    std::int64_t fd = -1;
    std::uint64_t device = 0, file = 0;
};

/// Writer: the session, before it serves. Readers: all threads; hence relaxed. Whether processes of this program may
/// not open each other's descriptors.
inline constinit atomic<bool> passes_fds{false};

/// Returns the number of the server of this process. Starts it at the first call: a thread that waits at a socket in
/// the abstract namespace, which vanishes with the process. Returns 0 if the server is not needed, or cannot be
/// started. **Threads** any.
std::uint32_t own_fd_server() noexcept;

/// Requests a descriptor from the server of another process. Returns no descriptor if there is no such server, or if
/// the process has closed the descriptor. **Blocks** until the answer, 10 s at most.
owned_fd request_fd(std::uint32_t server, wanted_fd const& which) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/fd_server.ipp>
#endif
