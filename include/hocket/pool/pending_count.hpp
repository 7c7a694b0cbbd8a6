// SPDX-License-Identifier: MIT
// Counts work that will reach a pool later and is not yet in its queues: running delays, suspended coroutines. The
// destructor of the pool waits for it, so that nothing is handed to a destroyed pool. Called by timers and coroutines.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class scheduler;

/// Ends repeated work at once when a pool begins to end. Null while there are no timers. Writer: the thread that starts
/// the first timer. Reader: destructors of pools.
inline constinit atomic<void (*)(scheduler&) noexcept> hurry_timers{nullptr};

class pending_count {
  public:
    /// Counts one more operation; `done` must follow. Returns false if the pool waits for nothing any more: its threads
    /// are about to be joined, and only work that is visible to them now will run.
    bool add() noexcept;

    /// Ends an operation: its last access to the pool, unless it runs on one of the pool's own threads.
    void done() noexcept;

    /// Returns whether nothing is pending. If so, the effects of the finished operations are visible.
    bool none() const noexcept {
        return (word_.load(std::memory_order_acquire) & count_mask) == 0; // <- pending_count.done
    }

    /// Returns whether the destructor has been called, so that repeated work must end.
    bool ending() const noexcept { return (word_.load(std::memory_order_relaxed) & ending_flag) != 0; }

    /// Waits, in the destructor of the pool, until nothing is pending. From then on `add` returns false.
    void close(scheduler& pool) noexcept;

  private:
    static constexpr std::uint32_t closed = std::uint32_t{1} << 31;
    static constexpr std::uint32_t waiting = std::uint32_t{1} << 30;
    static constexpr std::uint32_t ending_flag = std::uint32_t{1} << 29;
    static constexpr std::uint32_t count_mask = ending_flag - 1;

    /// The state: {closed:1 | waiting:1 | ending:1 | count:29}. Writers: threads that add, and the destructor.
    atomic<std::uint32_t> word_{0};
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/pool/pending_count.ipp>
#endif
