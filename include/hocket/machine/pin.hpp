// SPDX-License-Identifier: MIT
// Pins the calling thread to its place in a placement. Called by a pool's threads when they start.
#pragma once

#include <hocket/machine/placement.hpp>
#include <hocket/machine/topology.hpp>
#include <hocket/os/affinity.hpp>

namespace hocket::inline HOCKET_ABI {

/// The outcome of a request to pin.
enum class pin_outcome : std::uint8_t {
    pinned,
    not_asked, ///< the placement does not pin, or the topology describes another machine
    refused    ///< the operating system refused; the thread runs where it could before
};

/// Pins the calling thread to some of the given PUs (os indexes, any number of them).
///
/// **Threads** any; threads that it starts later inherit the pinning. **Throws** nothing.
pin_outcome pin_this_thread(fixed_array<unsigned> const& pus) noexcept;

/// Pins the calling thread to the place of a worker. Does nothing on a machine that is only a description.
inline pin_outcome pin_this_thread(topology const& on, worker_place const& place) noexcept {
    return on.origin == topology_origin::description ? pin_outcome::not_asked : pin_this_thread(place.pus);
}

namespace detail {

/// Lets the calling thread run on any PU of the machine: the thread that started it may be pinned to a core that other
/// threads need.
[[gnu::cold]] void pin_to_machine(topology const& on) noexcept;

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/pin.ipp>
#endif
