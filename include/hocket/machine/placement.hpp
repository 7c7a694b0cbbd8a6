// SPDX-License-Identifier: MIT
// Decides how many workers a pool has and where each of them runs: plain data in, plain data out. Called where pools
// are made. Pinning itself: pin.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/binding.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/topology.hpp>

#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI {

/// The wishes of the maker of a pool.
struct placement_request {
    std::optional<std::size_t> workers = {}; ///< by default one per allowed core, capped by the CPU quota
    binding bind = binding::automatic;
};

/// The place where one worker runs. The core is its home, and binding only if the worker is pinned.
struct worker_place {
    worker_index worker = {};
    core_id core = {};
    fixed_array<unsigned> pus = {}; ///< os indexes to pin to; empty: not pinned
    std::size_t package = 0;        ///< positions in the topology
    std::size_t numa = 0;
    std::size_t l3 = 0;
};

/// The places of all workers of a pool, and the reason for their number.
struct placement {
    fixed_array<worker_place> workers; ///< never empty
    binding effective;                 ///< what `automatic` has become
    std::string reason;

    /// Returns one line with the reason, then a line for each worker.
    std::string to_string() const;
};

namespace detail {

inline constexpr std::size_t most_workers = 65'536;

/// Returns the PUs (positions in `on.pus`) in the order in which workers take them: first one PU of each core, then the
/// second PU of each core that has one, and so on. So a worker shares a core only when every core has one. Fast kinds
/// of cores come first, otherwise the order of the machine, which has near cores side by side.
[[gnu::cold]] fixed_array<unsigned> pu_order(topology const& on);

/// Chooses the binding of a pool. Pinning pays when the workers are the only threads on the cores: each keeps its
/// caches. It hurts when two programs with few workers each are pinned to the same first cores. It also hurts when a
/// quota throttles a core while others are free, and when several workers queue for a PU although the system could have
/// spread them. So workers are pinned if they fill the cores that the process may use and no quota is below them.
binding choose_binding(binding wanted, std::size_t workers, topology const& on,
                       std::optional<cpu_quota> const& quota) noexcept;

/// Returns the PUs to pin a worker to. `at_pu` is its PU, a position in `on.pus`.
[[gnu::cold]] fixed_array<unsigned> pus_to_pin(topology const& on, std::size_t at_pu, binding bind);

[[gnu::cold]] std::string why_that_many(std::size_t workers, topology const& on, std::optional<cpu_quota> const& quota,
                                        bool requested);

} // namespace detail

/// Places the workers of a pool.
///
/// **Throws** `std::invalid_argument` if none or more than 65,536 workers are requested. **Order** worker 0 gets the
/// best core; workers with neighbouring numbers are neighbours on the machine.
[[gnu::cold]] placement plan_placement(topology const& on, std::optional<cpu_quota> const& quota,
                                       placement_request const& request);

namespace detail {

/// Prints ascending runs of numbers as "0-3,8", cut where the text is full.
[[gnu::cold]] void print_ranges(char* text, std::size_t size, fixed_array<unsigned> const& numbers);

/// Returns a placement as lines of text, followed by remarks.
[[gnu::cold]] fixed_array<char> text_of(placement const& planned, char const* remarks);

/// Returns -1 for the same worker, then 0, 1, ... for the same core, L3 group, NUMA node, package, none.
int distance(worker_place const& a, worker_place const& b) noexcept;

} // namespace detail

inline std::string placement::to_string() const { return detail::text_of(*this, "").data(); }

/// Returns the other workers, nearest first: of the same core, L3 group, NUMA node, package, then the rest.
///
/// Among equally near workers each worker begins at another place, so that thieves do not all go for the same victim.
///
/// **Throws** `std::bad_alloc`. **Cost** ten passes over the workers.
[[gnu::cold]] fixed_array<std::uint32_t> nearest_first(placement const& planned, worker_index self);

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/placement.ipp>
#endif
