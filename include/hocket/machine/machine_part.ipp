// SPDX-License-Identifier: MIT
// The bodies of the functions that machine_part.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/machine/assemble_topology.hpp>
#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/machine_part.hpp>
#include <hocket/os/affinity.hpp>

#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the positions of PUs in `on.pus`, by os index; `on.pus.size()` for numbers that no PU has.
HOCKET_COLD HOCKET_INLINE fixed_array<std::size_t> positions_of_pus(topology const& on) {
    std::size_t end = 0;
    for (topology::pu const& pu : on.pus) end = pu.os_index < end ? end : pu.os_index + std::size_t{1};
    fixed_array<std::size_t> positions(end);
    for (std::size_t& position : positions) position = on.pus.size();
    for (std::size_t p = 0; p < on.pus.size(); ++p) positions[on.pus[p].os_index] = p;
    return positions;
}

HOCKET_COLD HOCKET_INLINE std::optional<topology> part_of(topology const& whole, fixed_array<unsigned> const& pus) {
    fixed_array<std::size_t> const positions = positions_of_pus(whole);
    fixed_array<pu_label> labels(pus.size());
    std::size_t count = 0;
    for (unsigned const pu : pus) {
        if (pu >= positions.size() || positions[pu] == whole.pus.size()) continue;
        topology::pu const& from = whole.pus[positions[pu]];
        topology::core const& core = whole.at(from.core);
        labels[count++] = {.os_index = pu,
                           .core = static_cast<unsigned>(from.core),
                           .package = static_cast<unsigned>(core.package),
                           .numa = static_cast<unsigned>(from.numa),
                           .l3 = static_cast<unsigned>(core.l3),
                           .kind = static_cast<unsigned>(core.kind)};
    }
    if (count == 0) return std::nullopt;
    labels.shrink(count);
    topology made;
    made.packages = whole.packages;
    made.numa_nodes = whole.numa_nodes;
    made.l3_groups = whole.l3_groups;
    made.kinds = whole.kinds;
    made.origin = whole.origin;
    made.note = whole.note;
    assemble_topology(made, labels, static_cast<unsigned>(whole.cores.size()));
    return made;
}

/// Returns the machine with all of its PUs, which is read once and never destroyed. Two threads may read it at once: a
/// lock could be held by a thread that waits for the lock of the dynamic linker, while a library that is being loaded
/// makes a pool.
HOCKET_COLD HOCKET_INLINE topology const& whole_machine() {
    static constinit atomic<topology const*> known{nullptr};
    topology const* found = known.load(std::memory_order_acquire); // <- machine_part.known
    if (found != nullptr) return *found;
    auto read = std::make_unique<topology const>(read_whole_machine());
    if (known.compare_exchange_strong(found, read.get(),
                                      std::memory_order_acq_rel)) // machine_part.known ->, <- machine_part.known
        found = read.release();
    return *found;
}

HOCKET_COLD HOCKET_INLINE topology const& machine_for_pool(std::optional<topology>& made) {
    topology const& known = machine();
    if (known.origin == topology_origin::description) return known;
    fixed_array<unsigned> const pus = pus_for_pools();
    fixed_array<std::size_t> const positions = positions_of_pus(known);
    std::size_t shared = 0;
    for (unsigned const pu : pus)
        shared += pu < positions.size() && positions[pu] != known.pus.size() ? std::size_t{1} : std::size_t{0};
    if (shared == known.pus.size() && shared == pus.size()) return known;
    if (shared == pus.size()) {
        made = part_of(known, pus);
    } else if (known.origin == topology_origin::fallback) {
        fall_back(made.emplace(), pus, known.note);
    } else {
        made = part_of(whole_machine(), pus);
    }
    return made.has_value() ? *made : known;
}

} // namespace hocket::inline HOCKET_ABI::detail
