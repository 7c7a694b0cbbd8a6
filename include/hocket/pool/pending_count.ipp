// SPDX-License-Identifier: MIT
// The bodies of the functions that pending_count.hpp declares.
#pragma once

#include <hocket/pool/pending_count.hpp>
#include <hocket/sched/serial_turns.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE bool pending_count::add() noexcept {
    if ((word_.fetch_add(1, std::memory_order_acq_rel) & closed) == 0) return true; // <- pending_count.close
    word_.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

HOCKET_INLINE void pending_count::done() noexcept {
    std::uint32_t const before = word_.fetch_sub(1, std::memory_order_acq_rel); // pending_count.done ->
    if ((before & count_mask) == 1 && (before & waiting) != 0) futex_wake_one_on(&word_);
}

HOCKET_INLINE void pending_count::close(scheduler& pool) noexcept {
    word_.fetch_or(ending_flag, std::memory_order_relaxed);
    auto* const hurry = hurry_timers.load(std::memory_order_acquire); // <- timers.made
    if (hurry != nullptr) hurry(pool);
    std::uint32_t word = word_.load(std::memory_order_relaxed);
    for (;;) {
        if ((word & count_mask) == 0) {
            if (word_.compare_exchange_weak(word, word | closed,
                                            std::memory_order_acq_rel, // pending_count.close ->, <- pending_count.done
                                            std::memory_order_relaxed))
                return;
        } else if ((word & waiting) == 0) {
            if (word_.compare_exchange_weak(word, word | waiting, std::memory_order_relaxed)) word |= waiting;
        } else {
            constexpr long long a_second = 1'000'000'000;
            auto const sleep = [&](long long nanoseconds) noexcept {
                std_atomics::futex_wait_for(word_, word, nanoseconds);
                return word_.load(std::memory_order_relaxed) != word;
            };
            (void)sleep_or_serve(a_second, sleep);
            word = word_.load(std::memory_order_relaxed);
        }
    }
}

} // namespace
