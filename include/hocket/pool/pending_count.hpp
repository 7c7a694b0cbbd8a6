// SPDX-License-Identifier: MIT
// What a pool is still going to get although nobody can see it yet, floor 4: delays that run, coroutines that are
// suspended. The destructor of the pool waits for it, so that nothing is ever handed to a pool that is gone. Called by
// timers and coroutines.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/base/config.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

class scheduler;

/// Asked when a pool begins to end: makes what repeats itself end at once. Null while there are no timers.
/// Writer: whoever starts the first timer. Reader: destructors of pools.
inline constinit std::atomic<void (*)(scheduler&) noexcept> hurry_timers{nullptr};

class pending_count {
  public:
    /// One more thing; `done` must follow. False when the pool waits for nothing any more: its threads are about to be
    /// joined, and only what is visible to them now will run.
    bool add() noexcept {
        if ((word_.fetch_add(1, std::memory_order_acq_rel) & closed) == 0) return true;
        word_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }

    /// The last access to the pool by this thing, unless it runs on one of the pool's own threads.
    void done() noexcept {
        std::uint32_t const before = word_.fetch_sub(1, std::memory_order_acq_rel); // pending_count.done ->
        if ((before & count_mask) == 1 && (before & waiting) != 0) futex_wake_one_on(&word_);
    }

    /// Whether the destructor has been called: what repeats itself ends.
    bool ending() const noexcept { return (word_.load(std::memory_order_relaxed) & ending_flag) != 0; }

    /// The destructor of the pool. Returns when nothing is pending, and from then on `add` says no.
    void close(scheduler& pool) noexcept {
        word_.fetch_or(ending_flag, std::memory_order_relaxed);
        auto* const hurry = hurry_timers.load(std::memory_order_acquire); // <- timers.made
        if (hurry != nullptr) hurry(pool);
        std::uint32_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            if ((word & count_mask) == 0) {
                if (word_.compare_exchange_weak(word, word | closed, std::memory_order_acq_rel, // <- pending_count.done
                                                std::memory_order_relaxed))
                    return;
            } else if ((word & waiting) == 0) {
                if (word_.compare_exchange_weak(word, word | waiting, std::memory_order_relaxed)) word |= waiting;
            } else {
                std_atomics::futex_wait(word_, word);
                word = word_.load(std::memory_order_relaxed);
            }
        }
    }

  private:
    static constexpr std::uint32_t closed = std::uint32_t{1} << 31;
    static constexpr std::uint32_t waiting = std::uint32_t{1} << 30;
    static constexpr std::uint32_t ending_flag = std::uint32_t{1} << 29;
    static constexpr std::uint32_t count_mask = ending_flag - 1;

    /// Writers: everyone who adds, and the destructor. {closed:1 | waiting:1 | ending:1 | count:29}
    std::atomic<std::uint32_t> word_{0};
};

} // namespace hocket::detail
