// SPDX-License-Identifier: MIT
// How many tasks of a group are left: a latch, and beside it the tasks that the job which made the group has added,
// which it counts without touching what other threads write. Any number of threads may wait. Used by groups; the proof
// is in README.md of this folder.
#pragma once

#include <hocket/os/atomics.hpp>
#include <hocket/sched/latch.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

template<class Atomics>
class basic_group_count {
  public:
    /// The job that made the group adds tasks, before it hands them on.
    void add_own(std::int64_t count) noexcept {
        own_.store(own_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    /// Anyone else; see basic_latch::add.
    void add(std::int64_t count = 1) noexcept { latch_.add(count); }

    /// Whether all that was added has ended, `mine` of it by the caller, who has not told; what ended is visible.
    bool ended(std::int64_t mine = 0) const noexcept {
        std::int64_t const folded = folded_.load(std::memory_order_acquire); // <- group_count.fold
        std::int64_t const left = latch_.count();
        return left == mine + folded - own_.load(std::memory_order_relaxed); // own_ comes after what latch_ says
    }

    /// A waiter, before it announces itself: what the job has added so far is in the latch then, or another thread is
    /// about to put it there.
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

    /// Where waiters announce themselves, and those who have run tasks tell.
    basic_latch<Atomics>& latch() noexcept { return latch_; }

  private:
    basic_latch<Atomics> latch_;
    /// Writer: the job that made the group. Readers: waiters. Only grows.
    typename Atomics::template atomic<std::int64_t> own_{0};
    /// Writers: waiters. How much of `own_` some waiter adds, or has added, to the latch; and how much was added.
    typename Atomics::template atomic<std::int64_t> claimed_{0};
    typename Atomics::template atomic<std::int64_t> folded_{0};
};

using group_count = basic_group_count<std_atomics>;

} // namespace hocket::detail
