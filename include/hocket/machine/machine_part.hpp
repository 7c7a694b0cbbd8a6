// SPDX-License-Identifier: MIT
// The part of the machine that a new pool may use. `machine()` is read once, but masks change: a thread with another
// mask than the first caller of `machine()` may make a pool. Called where pools are made.
#pragma once

#include <hocket/base/fixed_array.hpp>
#include <hocket/machine/topology.hpp>

#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the part of `whole` that consists of these PUs (os indexes, ascending). PUs that `whole` does not have are
/// left out. Empty if none is left.
[[gnu::cold]] std::optional<topology> part_of(topology const& whole, fixed_array<unsigned> const& pus);

/// Returns what a pool may use that the calling thread makes now (see `pus_for_pools`): `machine()` if that has the
/// same PUs. Otherwise makes the topology in `made`, and returns it.
///
/// **Blocks** the first time that a thread may use PUs outside of `machine()`, which reads the machine once more.
/// **Throws** `std::bad_alloc`.
[[gnu::cold]] topology const& machine_for_pool(std::optional<topology>& made);

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/machine/machine_part.ipp>
#endif
