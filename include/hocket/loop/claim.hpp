// SPDX-License-Identifier: MIT
// A claim of an open loop, on the thread that has made it. A thread inside a long call keeps from idle workers only
// what that call runs: the watcher takes the other iterations of the claim away. Used by loop.hpp and late_loop.hpp.
#pragma once

#include <hocket/loop/call_watch.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/queue/range_word.hpp>
#include <hocket/sched/scheduler.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// What became of a claim.
struct claim_run {
    bool goes_on = true;       // the body has not ended the loop
    late_loop* late = nullptr; // what the watcher has taken: the thread has to hand its registration over
    std::uint64_t ran = 0;     // iterations that this thread has run
};

/// What the watcher has taken from the claims of one thread.
class given_claims {
  public:
    /// Hands the registration of a claim over. The thread is not registered any more.
    [[gnu::cold]] void take(claim_run const& run) noexcept;
    /// Runs what has not begun. A `helper` leaves it to others when it was called away.
    HOCKET_ALWAYS_INLINE void finish(worker* helper, bool called_away) noexcept {
        if (first_ != nullptr) [[unlikely]]
            finish_all(helper, called_away);
    }

  private:
    [[gnu::cold]] void finish_all(worker* helper, bool called_away) noexcept;

    late_loop* first_ = nullptr; // a list, with a reference to each
};

/// Runs the iterations [first, last) of a claim piece by piece. The watcher opens the pieces that have not begun if one
/// piece lasts for long.
claim_run run_watched(scheduler& pool, loop_job const& job, std::uint64_t first, std::uint64_t last, loop_pace& pace,
                      loop_registration const& claimant) noexcept;

/// Runs a claim. The watcher may take the rest of it if it is longer than its first piece.
HOCKET_ALWAYS_INLINE claim_run run_claim(scheduler& pool, loop_job const& job, unit_range const& units, loop_pace& pace,
                                         loop_registration const& claimant) noexcept {
    std::uint64_t const first = job.first_of(units);
    std::uint64_t const last = job.last_of(units);
    if (!job.keeps_claims && last - first > pace.next_piece(first)) [[unlikely]]
        return run_watched(pool, job, first, last, pace, claimant);
    return {pace.run(job.body, first, last), nullptr, last - first};
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/claim.ipp>
#endif
