// SPDX-License-Identifier: MIT
// How much the owners of a worker slot have done: see thread_pool::statistics.
#pragma once

#include <hocket/base/atomic.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A count with one writer at a time: the owner of the worker slot. The owner before has handed the slot over, so a
/// load and a store suffice. Readers: any thread, for statistics. Relaxed: nothing follows from the value.
class owner_count {
  public:
    void add() noexcept { count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
    /// Called by the owner, for something that did not come about.
    void take_back() noexcept { count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t read() const noexcept { return count_.load(std::memory_order_relaxed); }

  private:
    atomic<std::uint64_t> count_{0};
};

/// The counts of a worker slot. Nothing is counted where a join forks, where a group adds a task, and where an item is
/// pushed.
struct worker_counts {
    owner_count tasks;  // items from queues, before they begin; an item without a task in it counts for a moment
    owner_count steals; // tasks of joins, before they begin
    owner_count chunks; // claims of open loops, before they run
    owner_count parks;  // before the thread gives up its worker slot
    owner_count wakes;  // after the thread has got a worker slot back
};

} // namespace hocket::inline HOCKET_ABI::detail
