// SPDX-License-Identifier: MIT
// The name of this process in errors and reports: its index, its machine and its pid. Called where errors are written.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <cstdint>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// Writer: the session of a worker process, before it serves. Readers: all threads. 0 in a driver.
inline constinit atomic<std::uint32_t> own_process_index{0};

/// Returns the host name of this machine, or "an unknown host".
std::string host_name();

/// Returns the place of a process: "process 3 on node7 (pid 71)". Without a host, the process is on this machine.
std::string place_of_process(std::uint32_t index, long pid, std::string const& host = {});

/// Returns the place of this process.
std::string own_place();

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/own_place.ipp>
#endif
