// SPDX-License-Identifier: MIT
// Counts what is still to be done, floor 3, and tells the last one to finish whom to wake. The latch may die as soon as the
// count is seen to be zero: finishing is one RMW, and the waiter's address is a number in the same word, not a pointer
// that would have to be read afterwards (the mistake of rayon issues 739, 913 and 929). Proof in README.md.
#pragma once

#include <hocket/base/atomics.hpp>

#include <cstdint>

namespace hocket::detail {

template<class Atomics>
class basic_latch {
  public:
    /// More things to be done. Only while the waiter has not returned: the caller is the waiter, or part of what is counted.
    /// Below zero, the waiter takes back what it has counted by itself; the count as a whole may be below zero meanwhile.
    void add(std::int64_t count = 1) noexcept {
        word_.fetch_add(static_cast<std::uint64_t>(count), std::memory_order_relaxed);
    }

    /// So many things are done; the last access by this thread. Returns the context to be woken plus one, or 0.
    std::uint32_t finish(std::uint64_t count = 1) noexcept {
        std::uint64_t const before =
            word_.fetch_sub(count, std::memory_order_acq_rel); // latch.finish ->, <- latch.announce
        return (before & count_mask) == zero + count ? static_cast<std::uint32_t>(before >> count_bits) : 0;
    }

    /// Everything is done but the `mine` that the waiter has counted by itself, and what was done is visible.
    bool ready(std::int64_t mine = 0) const noexcept {
        return (word_.load(std::memory_order_acquire) & count_mask) ==
               zero + static_cast<std::uint64_t>(mine); // <- latch.finish
    }

    /// The waiter names itself, so that the last one wakes it. False when there is nothing to wait for any more.
    /// Release: the token comes after the waiter has reset its parker.
    bool announce_wait(std::uint32_t context) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while ((word & count_mask) != zero) {
            std::uint64_t const next = (word & count_mask) | (std::uint64_t{context + 1} << count_bits);
            if (word_.compare_exchange_weak(word, next, std::memory_order_release, // latch.announce ->
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    /// The waiter: nobody is to be woken any more; the latch can be used again. False when somebody has been told to wake
    /// it already.
    bool withdraw() noexcept { return (word_.fetch_and(count_mask, std::memory_order_relaxed) & count_mask) != zero; }

  private:
    static constexpr unsigned count_bits = 40;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;

    static constexpr std::uint64_t zero = std::uint64_t{1} << (count_bits - 1); // stands for a count of none

    /// Writers: those who add and finish, the waiter. {waiting context + 1 : 24 | zero + count : 40}
    typename Atomics::template atomic<std::uint64_t> word_{zero};
};

using latch = basic_latch<std_atomics>;

} // namespace hocket::detail
