// SPDX-License-Identifier: MIT
// Makes a complete topology of what a source knows about each PU, however patchy that is.
// Floor machine; called by the sources of topologies and by their tests.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/topology.hpp>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr unsigned unlabelled = ~0U;

/// What a source knows about a PU. A label is a position in the vector of groups that the source fills; those of cores
/// are any numbers, near ones side by side.
struct pu_label {
    unsigned os_index = 0;
    unsigned core = unlabelled;
    unsigned package = unlabelled;
    unsigned numa = unlabelled;
    unsigned l3 = unlabelled;
    unsigned kind = unlabelled;
};

/// Makes the cores of the PUs with a label below `core_labels`, and one of each other PU. Returns the PUs core by core.
[[gnu::cold]] fixed_array<pu_label> assemble_cores(topology& made, fixed_array<pu_label> const& pus,
                                                   unsigned core_labels);

/// Drops the groups without cores, makes those whose labels the source does not know, and turns the labels that stand
/// in `member` of each core into positions. `keep_known`: what the source knows stays where it is.
[[gnu::cold]] void number_groups(fixed_array<topology::core>& cores, std::size_t topology::core::*member,
                                 fixed_array<topology::group>& groups, bool keep_known);

/// Cores without an L3 get one label for each pair of package and NUMA node.
[[gnu::cold]] void label_lone_l3(topology& made);

/// Makes a topology that keeps every promise of its documentation of `pus` (at least one, ascending, each once) and of
/// the groups that stand in `made`. A core is where its first PU is, and of the fastest kind among its PUs: there is
/// firmware that gives two PUs of a core different kinds.
[[gnu::cold]] void assemble_topology(topology& made, fixed_array<pu_label> const& pus, unsigned core_labels);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/machine/assemble_topology.ipp>
#endif
