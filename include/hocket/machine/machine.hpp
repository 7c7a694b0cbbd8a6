// SPDX-License-Identifier: MIT
// The machine that this process runs on.
// Floor machine; everyone may call it.
#pragma once

#include <hocket/machine/hwloc.hpp>

namespace hocket {

/// What this process may use of its machine, as it was when this was first asked: what any of its threads may run on,
/// so that a thread that is bound to one core, as OpenMP does it, can still make a pool of all.
///
/// **Threads** any. **Blocks** the first call reads it, about 1 ms; calls at the same time wait. **Throws** the first
/// call may throw `std::bad_alloc`. **Cost** afterwards one load. Never destroyed: usable until the process is gone.
inline topology const& machine() {
    static topology const* const known = new topology(read_topology());
    return *known;
}

} // namespace hocket
