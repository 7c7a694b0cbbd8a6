// SPDX-License-Identifier: MIT
// The number of unfinished tasks of a group: a latch, and a second count for the job that made the group. That job
// counts the tasks that it adds without touching what other threads write. Any number of threads may wait. Used by
// groups; the proof is in README.md of this folder.
#pragma once

#include <hocket/os/atomics.hpp>
#include <hocket/sched/latch.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

template<class Atomics>
class basic_group_count {
  public:
    /// Counts tasks that the job that made the group adds, before it hands them on.
    void add_own(std::int64_t count) noexcept {
        own_.store(own_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    /// Counts tasks that any other thread or task adds; see basic_latch::add.
    void add(std::int64_t count = 1) noexcept { latch_.add(count); }

    /// Whether all tasks that were added have finished. `mine` of them are tasks that the caller has run and not yet
    /// counted off. What the tasks did is visible then.
    bool ended(std::int64_t mine = 0) const noexcept {
        std::int64_t const folded = folded_.load(std::memory_order_acquire); // <- group_count.fold
        std::int64_t const left = latch_.count();
        return left == mine + folded - own_.load(std::memory_order_relaxed); // own_ comes after the value of latch_
    }

    /// Adds the tasks of the job so far to the latch, unless another thread is about to do so. A waiter calls it before
    /// it announces itself.
    void fold() noexcept {
        std::int64_t const own = own_.load(std::memory_order_relaxed);
        std::int64_t claimed = claimed_.load(std::memory_order_relaxed);
        while (claimed < own) {
            if (!claimed_.compare_exchange_weak(claimed, own, std::memory_order_relaxed, std::memory_order_relaxed))
                continue;
            latch_.add(own - claimed);
            folded_.fetch_add(own - claimed, std::memory_order_release); // group_count.fold ->
            return;
        }
    }

    /// Returns the latch on which waiters announce themselves, and which threads that have run tasks count down.
    basic_latch<Atomics>& latch() noexcept { return latch_; }

  private:
    basic_latch<Atomics> latch_;
    /// The tasks that the job has added. Writer: the job that made the group. Readers: waiters. Only grows.
    typename Atomics::template atomic<std::int64_t> own_{0};
    /// The part of `own_` that some waiter adds, or has added, to the latch; and the part that was added. Writers:
    /// waiters.
    typename Atomics::template atomic<std::int64_t> claimed_{0};
    typename Atomics::template atomic<std::int64_t> folded_{0};
};

using group_count = basic_group_count<std_atomics>;

} // namespace hocket::detail
