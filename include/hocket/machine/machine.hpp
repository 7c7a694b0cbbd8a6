// SPDX-License-Identifier: MIT
// The machine that this process runs on.
// Floor machine; everyone may call it.
#pragma once

#include <hocket/machine/topology.hpp>

#include <atomic>

namespace hocket::inline HOCKET_ABI {

topology const& machine();

namespace detail {

/// Writers: find_machine. Readers: everyone.
inline constinit std::atomic<topology const*> known_machine{nullptr};

/// The lock of the dynamic linker is asked for before that of the static: a library that is being loaded may call this.
[[gnu::cold]] topology const& find_machine();

} // namespace detail

/// What this process may use of its machine, as it was when this was first asked: the PUs that both the calling thread
/// and the main thread may run on. Where these have none in common, those of the calling thread.
///
/// **Threads** any. **Blocks** the first call reads it, about 1 ms; calls at the same time wait. **Throws** the first
/// call may throw `std::bad_alloc`. **Cost** afterwards one load. Never destroyed: usable until the process is gone.
topology const& machine();

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/machine.ipp>
#endif
