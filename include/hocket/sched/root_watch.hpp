// SPDX-License-Identifier: MIT
// The watch over short jobs of external callers: a parked worker looks for work from time to time. Then a caller need
// not wake a worker for a job that is expected to be short. Kept by search.hpp, relied on by pool_entry.hpp and
// publication.hpp. The proof is in fork_join/README.md.
#pragma once

#include <hocket/os/atomics.hpp>
#include <hocket/sched/costs.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

template<class Atomics>
class basic_root_watch {
  public:
    /// How long the watching worker sleeps between two looks.
    static constexpr long long interval = costs::root_watch.nanoseconds;

    /// Called by an external caller: whether a worker watches. Exact after a full fence that follows a publication:
    /// then a look of the watching worker sees the work, or the look after its `end`.
    bool is_kept() const noexcept { return kept_.load(std::memory_order_relaxed) != 0; }

    /// Counts a short job of an external caller. A hint.
    void note_short_job() noexcept {
        short_jobs_.store(short_jobs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    std::uint32_t short_jobs() const noexcept { return short_jobs_.load(std::memory_order_relaxed); }

    /// Called by a parked worker: whether it is the one that watches from now on.
    bool begin() noexcept {
        std::uint32_t not_kept = 0;
        return kept_.load(std::memory_order_relaxed) == 0 &&
               kept_.compare_exchange_strong(not_kept, 1, std::memory_order_relaxed, std::memory_order_relaxed);
    }
    /// Ends the watch. The caller looks at every source of work afterwards.
    void end() noexcept {
        kept_.store(0, std::memory_order_relaxed);
        Atomics::full_fence(); // <- sleep.publish
    }

  private:
    /// Writers: the worker that watches. Readers: callers. 1 while a worker watches.
    typename Atomics::template atomic<std::uint32_t> kept_{0};
    /// Writers: callers. Readers: workers that park. How many jobs were short; some may be missing.
    typename Atomics::template atomic<std::uint32_t> short_jobs_{0};
};

using root_watch = basic_root_watch<std_atomics>;

} // namespace hocket::detail
