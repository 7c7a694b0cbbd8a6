// SPDX-License-Identifier: MIT
// Counts what is still to be done, and tells the last one to finish whom to wake. The latch may die as soon as the
// count is seen to be zero: finishing is one RMW, and the waiter's address is a number in the same word, not a pointer
// that would have to be read afterwards (the mistake of rayon issues 739, 913 and 929). Further waiters are found in a list
// of the scheduler by the latch's address. Callers: groups. Proof in README.md.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

template<class Atomics>
class basic_latch {
  public:
    /// More things to be done. Only while the waiter has not returned: the caller is the waiter, or part of what is counted.
    /// Below zero, the waiter takes back what it has counted by itself; the count as a whole may be below zero meanwhile.
    void add(std::int64_t count = 1) noexcept {
        word_.fetch_add(static_cast<std::uint64_t>(count), std::memory_order_relaxed);
    }

    /// So many things are done; the last access by this thread. Returns whom to wake if the count has come from above zero to
    /// zero or below, else 0: the number of a context plus one (see `context_of`), and `more_flag`.
    std::uint32_t finish(std::uint64_t count = 1) noexcept {
        std::uint64_t const before =
            word_.fetch_sub(count, std::memory_order_acq_rel); // latch.finish ->, <- latch.announce
        std::uint64_t const left = before & count_mask;
        return left > zero && left - count <= zero ? static_cast<std::uint32_t>(before >> count_bits) : 0;
    }
    /// In what `finish` returns: further waiters are to be woken.
    static constexpr std::uint32_t more_flag = 1u << 23;
    /// Of what `finish` returns: the waiting context plus one, or 0.
    static constexpr std::uint32_t context_of(std::uint32_t told) noexcept { return told & (more_flag - 1); }

    /// Below zero when more was told to be done than was added. What was done is visible.
    std::int64_t count() const noexcept {
        return static_cast<std::int64_t>((word_.load(std::memory_order_acquire) & count_mask) -
                                         zero); // <- latch.finish
    }
    /// Everything is done but the `mine` that the waiter has counted by itself, and what was done is visible.
    bool ready(std::int64_t mine = 0) const noexcept { return count() == mine; }

    /// What became of an announcement: nothing is left to be waited for; it was made; another waiter has made one, so
    /// this one uses `announce_more`.
    enum class announcement : std::uint8_t { over, made, taken };

    /// A waiter names itself, so that the last one wakes it.
    /// Release: the token comes after the waiter has reset its parker.
    announcement announce_wait(std::uint32_t context) noexcept {
        std::uint64_t const mine = std::uint64_t{context + 1} << count_bits;
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while ((word & count_mask) > zero) {
            if ((word & context_mask) != 0 && (word & context_mask) != mine) return announcement::taken;
            if (word_.compare_exchange_weak(word, word | mine, std::memory_order_release, // latch.announce ->
                                            std::memory_order_relaxed))
                return announcement::made;
        }
        return announcement::over;
    }

    /// A waiter that has put itself into the list for this latch. False when there is nothing to wait for any more.
    bool announce_more() noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while ((word & count_mask) > zero) {
            if (word_.compare_exchange_weak(word, word | more_bit, std::memory_order_release, // latch.announce ->
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }
    /// The list is empty for this latch.
    void withdraw_more() noexcept { word_.fetch_and(~more_bit, std::memory_order_relaxed); }

    /// The waiter is not to be woken any more; a token may still come. False when nothing is left to be done.
    bool withdraw(std::uint32_t context) noexcept {
        std::uint64_t const mine = std::uint64_t{context + 1} << count_bits;
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while ((word & context_mask) == mine &&
               !word_.compare_exchange_weak(word, word & ~context_mask, std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
        }
        return (word & count_mask) > zero;
    }

  private:
    static constexpr unsigned count_bits = 40;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;
    static constexpr std::uint64_t more_bit = std::uint64_t{more_flag} << count_bits;
    static constexpr std::uint64_t context_mask = std::uint64_t{more_flag - 1} << count_bits;

    static constexpr std::uint64_t zero = std::uint64_t{1} << (count_bits - 1); // stands for a count of none

    /// Writers: those who add and finish, waiters. {more waiters:1 | waiting context + 1 : 23 | zero + count : 40}
    typename Atomics::template atomic<std::uint64_t> word_{zero};
};

using latch = basic_latch<std_atomics>;

} // namespace hocket::detail
