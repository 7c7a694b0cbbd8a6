// SPDX-License-Identifier: MIT
// What a loop in progress looks like to those who may help. It lies in the worker that called the loop, in memory that
// lives as long as the pool, so a late thief may look at it at any time: only a claim on a stripe's range word makes
// its description readable. Written by the caller, used by loop/loop.hpp and the search.
#pragma once

#include <hocket/queue/range_word.hpp>

#include <atomic>
#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

struct loop_job;
struct worker;

/// One worker's contiguous share of the units, with all that is needed to run them: one line, one transfer.
struct alignas(cache_line) loop_stripe {
    range_word word;

    /// Writer: the caller, while the stripe is closed. Readers: claimants. A hint of how many units to claim at a time.
    std::atomic<std::uint32_t> units_per_claim{1};

    // The description: plain data, written before `word` is opened, read by registered participants only.
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

    /// Makes room for one stripe per worker. False when there is no memory: the loop then runs serially.
    bool prepare(std::uint32_t workers) noexcept;

    /// A hint. Looks first at the stripe of `rank`, which is the likeliest to be in this core's cache.
    bool units_left(std::uint32_t rank) const noexcept;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/queue/loop_record.ipp>
#endif
