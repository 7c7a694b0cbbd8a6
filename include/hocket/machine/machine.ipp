// SPDX-License-Identifier: MIT
// The bodies of the functions that machine.hpp declares.
#pragma once

#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/os/enough_stack.hpp>

namespace hocket::inline HOCKET_ABI::detail {

#if defined(HOCKET_SIMULATED)
/// Returns the machine of a run, which is a process of its own. Workers are pinned to its cores. Two threads may make
/// it at once: the guard of a static object would block one of them outside of the simulated machine.
HOCKET_COLD HOCKET_INLINE topology const& simulated_machine() {
    static constinit atomic<topology const*> known{nullptr};
    topology const* found = known.load(std::memory_order_acquire); // <- simulated_machine.known
    if (found != nullptr) return *found;
    std::string const text = sim::active->shape().synthetic();
    topology_source source;
    source.synthetic = text.c_str();
    auto* const read = new topology(read_topology(source));
    read->origin = topology_origin::hwloc;
    bool const first = known.compare_exchange_strong( // simulated_machine.known ->, <- simulated_machine.known
        found, read, std::memory_order_acq_rel);
    if (first) return *read;
    delete read;
    return *found;
}
#endif

HOCKET_COLD HOCKET_INLINE topology const& find_machine() {
    registered const found = process_registry::find(nullptr);
    if (found.host != nullptr && found.host->machine != &hocket::machine) {
        topology const& others = found.host->machine();
        known_machine.store(&others, std::memory_order_release); // machine.known ->
        return others;
    }
    static topology const* const own = new topology(with_enough_stack([] { return read_topology(); }));
    known_machine.store(own, std::memory_order_release); // machine.known ->
    return *own;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE topology const& machine() {
    HOCKET_SIMULATE(detail::simulated_machine());
    topology const* const known = detail::known_machine.load(std::memory_order_acquire); // <- machine.known
    return known != nullptr ? *known : detail::find_machine();
}

} // namespace
