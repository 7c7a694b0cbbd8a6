// SPDX-License-Identifier: MIT
// A loop in progress, as other threads see it. The record is a part of the worker slot that called the loop, in memory
// that lives as long as the pool. So a late thief may look at it at any time. Only a claim on the range word of a
// stripe makes the description readable. Written by the caller, used by loop/loop.hpp and the search.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/queue/range_word.hpp>

#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

struct loop_job;
struct worker;

/// The contiguous units of one worker, with all that is needed to run them: one cache line, one transfer.
struct alignas(cache_line) loop_stripe {
    range_word word;

    /// The number of units to claim at a time, a hint. Writer: the caller, while the stripe is closed. Readers:
    /// claimants.
    atomic<std::uint32_t> units_per_claim{1};

    // The description: plain data. The caller writes it before it opens `word`; only registered participants read it.
    loop_job const* job = nullptr;
    worker* caller = nullptr;
};

/// A worker's loop at one level of nesting. The stripes are allocated when the level is first used.
struct loop_record {
    loop_stripe* stripes = nullptr; // owned
    std::uint32_t count = 0;

    loop_record() = default;
    loop_record(loop_record const&) = delete;
    loop_record& operator=(loop_record const&) = delete;
    ~loop_record() { delete[] stripes; }

    /// Makes room for one stripe per worker. Returns false when there is no memory: the loop then runs serially.
    bool prepare(std::uint32_t workers) noexcept;

    /// Whether unclaimed units are left, a hint. Looks first at the stripe of `rank`, the likeliest in this core's
    /// cache.
    bool units_left(std::uint32_t rank) const noexcept;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/queue/loop_record.ipp>
#endif
