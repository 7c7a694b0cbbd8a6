// SPDX-License-Identifier: MIT
// The bodies of the functions that assemble_topology.hpp declares.
#pragma once

#include <hocket/machine/assemble_topology.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE fixed_array<pu_label> assemble_cores(topology& made, fixed_array<pu_label> const& pus,
                                                               unsigned core_labels) {
    fixed_array<unsigned> size(core_labels + pus.size());
    auto const label = [&](std::size_t p) { return pus[p].core < core_labels ? pus[p].core : core_labels + p; };
    std::size_t cores = 0;
    for (std::size_t p = 0; p < pus.size(); ++p) {
        cores += size[label(p)]++ == 0 ? 1U : 0U;
    }
    made.cores = fixed_array<topology::core>(cores);
    std::size_t next_core = 0;
    std::size_t next_pu = 0;
    for (unsigned& l : size) {
        if (unsigned const pu_count = l; pu_count != 0) {
            l = static_cast<unsigned>(next_core); // from here on `size` tells which core a label has become
            made.cores[next_core++].first_pu = next_pu;
            next_pu += pu_count;
        }
    }
    fixed_array<pu_label> sorted(pus.size());
    for (std::size_t p = 0; p < pus.size(); ++p) {
        unsigned const core = size[label(p)];
        pu_label& to = sorted[made.cores[core].first_pu + made.cores[core].pu_count++];
        to = pus[p];
        to.core = core;
    }
    return sorted;
}

HOCKET_COLD HOCKET_INLINE void number_groups(fixed_array<topology::core>& cores, std::size_t topology::core::*member,
                                             fixed_array<topology::group>& groups, bool keep_known) {
    std::size_t const known = groups.size();
    fixed_array<unsigned> place(known + cores.size());
    for (topology::core const& core : cores) {
        place[core.*member] = 1;
    }
    std::size_t count = 0;
    for (std::size_t l = 0; l < place.size(); ++l) {
        bool const stays = place[l] != 0 || (keep_known && l < known);
        place[l] = static_cast<unsigned>(count);
        count += stays ? 1U : 0U;
    }
    fixed_array<topology::group> numbered(count);
    for (std::size_t l = known; l-- > 0;) { // downwards: a dropped group shares its place with the next that stays
        if (place[l] < (l + 1 < place.size() ? place[l + 1] : count)) {
            numbered[place[l]] = groups[l];
            numbered[place[l]].cores = 0;
        }
    }
    for (topology::core& core : cores) {
        core.*member = place[core.*member];
        ++numbered[core.*member].cores;
    }
    groups.swap(numbered);
}

HOCKET_COLD HOCKET_INLINE void label_lone_l3(topology& made) {
    std::size_t const known = made.l3_groups.size();
    for (std::size_t c = 0; c < made.cores.size(); ++c) {
        topology::core& core = made.cores[c];
        if (core.l3 < known) {
            continue;
        }
        core.l3 = known + c;
        for (std::size_t near = c; near-- > 0;) {
            topology::core const& other = made.cores[near];
            if (other.l3 >= known && other.package == core.package && other.numa == core.numa) {
                core.l3 = other.l3;
                break;
            }
        }
    }
}

HOCKET_COLD HOCKET_INLINE void assemble_topology(topology& made, fixed_array<pu_label> const& pus,
                                                 unsigned core_labels) {
    auto const sorted = assemble_cores(made, pus, core_labels);
    auto const known = [](unsigned label, fixed_array<topology::group> const& groups) {
        return label < groups.size() ? label : groups.size();
    };
    auto const speed = [&](std::size_t kind) {
        return kind < made.kinds.size() ? made.kinds[kind].efficiency.value_or(-1) : -2;
    };
    for (topology::core& core : made.cores) {
        pu_label const& first = sorted[core.first_pu];
        core.package = known(first.package, made.packages);
        core.numa = known(first.numa, made.numa_nodes);
        core.l3 = known(first.l3, made.l3_groups);
        core.kind = known(first.kind, made.kinds);
        for (std::size_t p = core.first_pu; p < core.first_pu + core.pu_count; ++p) {
            core.kind = speed(sorted[p].kind) > speed(core.kind) ? sorted[p].kind : core.kind;
        }
    }
    std::size_t const known_nodes = made.numa_nodes.size();
    number_groups(made.cores, &topology::core::package, made.packages, false);
    number_groups(made.cores, &topology::core::numa, made.numa_nodes, true);
    number_groups(made.cores, &topology::core::kind, made.kinds, false);
    label_lone_l3(made);
    number_groups(made.cores, &topology::core::l3, made.l3_groups, false);
    made.pus = fixed_array<topology::pu>(sorted.size());
    for (std::size_t p = 0; p < sorted.size(); ++p) {
        pu_label const& from = sorted[p];
        made.pus[p] = {from.os_index, static_cast<core_id>(from.core),
                       from.numa < known_nodes ? from.numa : made.cores[from.core].numa};
    }
}

} // namespace
