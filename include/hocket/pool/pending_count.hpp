// SPDX-License-Identifier: MIT
// What a pool is still going to get although nobody can see it yet: delays that run, coroutines that are
// suspended. The destructor of the pool waits for it, so that nothing is ever handed to a pool that is gone. Called by
// timers and coroutines.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class scheduler;

/// Asked when a pool begins to end: makes what repeats itself end at once. Null while there are no timers.
/// Writer: whoever starts the first timer. Reader: destructors of pools.
inline constinit std::atomic<void (*)(scheduler&) noexcept> hurry_timers{nullptr};

class pending_count {
  public:
    /// One more thing; `done` must follow. False when the pool waits for nothing any more: its threads are about to be
    /// joined, and only what is visible to them now will run.
    bool add() noexcept;

    /// The last access to the pool by this thing, unless it runs on one of the pool's own threads.
    void done() noexcept;

    /// Whether nothing is pending; what was done before is visible.
    bool none() const noexcept {
        return (word_.load(std::memory_order_acquire) & count_mask) == 0;
    } // <- pending_count.done

    /// Whether the destructor has been called: what repeats itself ends.
    bool ending() const noexcept { return (word_.load(std::memory_order_relaxed) & ending_flag) != 0; }

    /// The destructor of the pool. Returns when nothing is pending, and from then on `add` says no.
    void close(scheduler& pool) noexcept;

  private:
    static constexpr std::uint32_t closed = std::uint32_t{1} << 31;
    static constexpr std::uint32_t waiting = std::uint32_t{1} << 30;
    static constexpr std::uint32_t ending_flag = std::uint32_t{1} << 29;
    static constexpr std::uint32_t count_mask = ending_flag - 1;

    /// Writers: everyone who adds, and the destructor. {closed:1 | waiting:1 | ending:1 | count:29}
    std::atomic<std::uint32_t> word_{0};
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/pool/pending_count.ipp>
#endif
