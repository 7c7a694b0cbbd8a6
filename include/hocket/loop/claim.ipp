// SPDX-License-Identifier: MIT
// The bodies of the functions that claim.hpp declares. Those that need a late_loop are in late_loop.ipp.
#pragma once

#include <hocket/loop/claim.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE claim_run run_watched(scheduler& pool, loop_job const& job, std::uint64_t first,
                                                    std::uint64_t last, loop_pace& pace,
                                                    loop_registration const& claimant) noexcept {
    std::uint64_t const begin = first;
    std::uint64_t next = first + pace.next_piece(first);
    loop_plan const plan{.grain = job.unit, .least_piece = job.least_piece};
    serial_part part(pool, last, plan, job.body, job.mode, next, false, claimant);
    claim_run result;
    for (bool mine = true; mine; mine = part.claim(next)) {
        result.goes_on = job.body(first, next);
        pace.adapt(next - first);
        first = next;
        if (!result.goes_on || first == last) break;
        std::uint64_t const size = pace.next_piece(first);
        next = last - first > size ? first + size : last;
    }
    result.ran = first - begin;
    result.late = part.end();
    return result;
}

} // namespace
