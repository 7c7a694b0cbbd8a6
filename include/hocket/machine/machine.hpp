// SPDX-License-Identifier: MIT
// The machine that this process runs on. Every floor from machine up may call it.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/machine/topology.hpp>

namespace hocket::inline HOCKET_ABI {

topology const& machine();

namespace detail {

/// The machine, once it has been read. Writers: find_machine. Readers: all threads.
inline constinit atomic<topology const*> known_machine{nullptr};

/// Takes the lock of the dynamic linker before that of the static, because a library that is being loaded may call
/// this.
[[gnu::cold]] topology const& find_machine();

} // namespace detail

/// Returns what this process may use of its machine, as it was at the first call: the PUs that both the calling thread
/// and the main thread may run on. If they have none in common, the PUs of the calling thread.
///
/// **Threads** any. **Blocks** during the first call, which reads the machine in about 1 ms; concurrent calls wait.
/// **Throws** `std::bad_alloc` from the first call only. **Cost** afterwards one load. Never destroyed: usable until
/// the process ends.
topology const& machine();

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/machine.ipp>
#endif
