// SPDX-License-Identifier: MIT
// Makes a complete topology of what a source knows about each PU, however patchy that is. Called by the sources of
// topologies and by their tests.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/topology.hpp>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr unsigned unlabelled = ~0U;

/// The labels that a source knows for a PU. A label is a position in the vector of groups that the source fills. Labels
/// of cores are any numbers, with near cores side by side.
struct pu_label {
    unsigned os_index = 0;
    unsigned core = unlabelled;
    unsigned package = unlabelled;
    unsigned numa = unlabelled;
    unsigned l3 = unlabelled;
    unsigned kind = unlabelled;
};

/// Makes a core of the PUs that share a label below `core_labels`, and a core of each other PU. Returns the PUs core by
/// core.
[[gnu::cold]] fixed_array<pu_label> assemble_cores(topology& made, fixed_array<pu_label> const& pus,
                                                   unsigned core_labels);

/// Drops groups without cores, makes groups for labels that the source does not know, and turns the labels in `member`
/// of each core into positions. With `keep_known`, groups that the source knows stay where they are.
[[gnu::cold]] void number_groups(fixed_array<topology::core>& cores, std::size_t topology::core::*member,
                                 fixed_array<topology::group>& groups, bool keep_known);

/// Gives cores without an L3 one label for each pair of package and NUMA node.
[[gnu::cold]] void label_lone_l3(topology& made);

/// Makes a topology that keeps every promise of its documentation, from `pus` (at least one, ascending, each once) and
/// from the groups in `made`. A core is where its first PU is, and of the fastest kind among its PUs: some firmware
/// gives two PUs of a core different kinds.
[[gnu::cold]] void assemble_topology(topology& made, fixed_array<pu_label> const& pus, unsigned core_labels);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/machine/assemble_topology.ipp>
#endif
