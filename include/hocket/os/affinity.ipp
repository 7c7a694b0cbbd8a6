// SPDX-License-Identifier: MIT
// The bodies of the functions that affinity.hpp declares.
#pragma once

#include <hocket/os/affinity.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE int bind_calling_thread(unsigned const* pus, std::size_t count) noexcept {
    HOCKET_SIMULATE(count == 0 ? EINVAL : (sim::active->bind(pus[0]), 0));
    std::size_t highest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        highest = pus[i] > highest ? pus[i] : highest;
    }
    if (count == 0 || highest >= kernel_mask::most_pus) {
        return EINVAL;
    }
    kernel_mask mask(highest + 1);
    if (mask.empty()) {
        return ENOMEM;
    }
    for (std::size_t i = 0; i < count; ++i) {
        mask.add(pus[i]);
    }
    return sched_setaffinity(0, mask.bytes(), mask.data()) == 0 ? 0 : errno;
}

HOCKET_COLD HOCKET_INLINE fixed_array<unsigned> pus_of_thread(int thread) {
#if defined(HOCKET_SIMULATED)
    if (sim::running()) {
        fixed_array<unsigned> all(sim::active->shape().cores);
        for (std::size_t pu = 0; pu < all.size(); ++pu) all[pu] = static_cast<unsigned>(pu);
        return all;
    }
#endif
    for (std::size_t size = 1024; size <= kernel_mask::most_pus; size *= 2) {
        kernel_mask mask(size);
        if (mask.empty()) {
            break;
        }
        if (sched_getaffinity(thread, mask.bytes(), mask.data()) == 0) {
            std::size_t count = 0;
            for (std::size_t pu = 0; pu < mask.pus(); ++pu) {
                count += mask.has(pu) ? 1U : 0U;
            }
            fixed_array<unsigned> found(count);
            for (std::size_t pu = 0, at = 0; at < count; ++pu) {
                if (mask.has(pu)) {
                    found[at++] = static_cast<unsigned>(pu);
                }
            }
            return found;
        }
        if (errno != EINVAL) {
            break;
        }
    }
    return {};
}

HOCKET_INLINE std::size_t online_pus() noexcept {
    HOCKET_SIMULATE(sim::active->shape().cores);
    long const count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : static_cast<std::size_t>(count);
}

HOCKET_INLINE std::optional<unsigned> pu_of_calling_thread() noexcept {
    HOCKET_SIMULATE(static_cast<unsigned>(sim::active->current().core));
    int const pu = sched_getcpu();
    return pu < 0 ? std::nullopt : std::optional<unsigned>(static_cast<unsigned>(pu));
}

HOCKET_COLD HOCKET_INLINE fixed_array<unsigned> pus_for_pools() {
    fixed_array<unsigned> own = pus_of_calling_thread();
    fixed_array<unsigned> const main = pus_of_main_thread();
    std::size_t both = 0;
    auto const is_mains = [&](unsigned pu) {
        for (unsigned const other : main)
            if (other == pu) return true;
        return false;
    };
    for (unsigned const pu : own) both += is_mains(pu) ? 1U : 0U;
    if (both == 0 || both == own.size()) return own;
    fixed_array<unsigned> found(both);
    std::size_t at = 0;
    for (unsigned const pu : own)
        if (is_mains(pu)) found[at++] = pu;
    return found;
}

} // namespace
