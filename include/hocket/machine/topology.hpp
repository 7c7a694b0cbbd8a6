// SPDX-License-Identifier: MIT
// The machine as plain data: packages, NUMA nodes, L3 groups, cores and PUs that this process may use. Every floor from
// machine up may read it. Its source: machine.hpp.
#pragma once

#include <hocket/base/types.hpp>

#include <cstddef>
#include <cstdint>
#include <hocket/base/fixed_array.hpp>
#include <optional>

namespace hocket::inline HOCKET_ABI {

/// The source of a topology.
enum class topology_origin : std::uint8_t {
    hwloc,       ///< hwloc has read this machine
    description, ///< an XML file or a synthetic string, of another machine: binding to it is meaningless
    fallback     ///< hwloc failed: one core per PU that the operating system allows
};

/// The part of a machine that this process may use.
///
/// Objects are named by their position in the vectors; `core_id` is a position in `cores`. An `os_index` is the
/// operating system's number: such numbers have holes, come in any order and need not fit a table. Each core lies in
/// exactly one package, one NUMA node, one L3 group and one kind. Where the machine reports none, a group without
/// `os_index` stands in, so that no reader needs a special case. There is at least one core, and each core has at least
/// one PU.
struct topology {
    /// A hardware thread.
    struct pu {
        unsigned os_index = 0;
        core_id core = {};
        std::size_t numa = 0; ///< the nearest NUMA node: the smallest that contains it
    };
    /// A physical core. Its PUs are `pus[first_pu]` and the `pu_count - 1` PUs after it.
    struct core {
        std::size_t first_pu = 0;
        std::size_t pu_count = 0;
        std::size_t package = 0;
        std::size_t numa = 0;
        std::size_t l3 = 0;
        std::size_t kind = 0;
    };
    /// A group of cores that share something: a socket, a NUMA node, a last level cache, a kind.
    struct group {
        std::optional<unsigned> os_index = {};
        std::size_t cores = 0;              ///< how many; 0 only for NUMA nodes that are nearest to no core
        std::uint64_t bytes = 0;            ///< memory of a NUMA node, size of an L3; 0: none, or not known
        std::optional<int> efficiency = {}; ///< of a kind of cores: higher is faster; empty if there is no ranking
    };

    fixed_array<pu> pus;     ///< core by core, within a core ascending by `os_index`
    fixed_array<core> cores; ///< with near cores side by side
    fixed_array<group> packages;
    fixed_array<group> numa_nodes;
    fixed_array<group> l3_groups; ///< cores without an L3 are grouped by package and NUMA node
    fixed_array<group> kinds;     ///< of cores, as on hybrid processors
    topology_origin origin = topology_origin::fallback;
    char const* note = ""; ///< what is unusual about it, such as why hwloc failed; mostly empty

    core const& at(core_id id) const noexcept { return cores[static_cast<std::size_t>(id)]; }
};

} // namespace hocket
