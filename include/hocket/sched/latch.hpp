// SPDX-License-Identifier: MIT
// A count of unfinished work that tells the last finisher which thread to wake. The latch may be destroyed as soon as
// the count is seen to be zero. So finishing is one RMW, and the waiter is a number in the same word. A pointer would
// have to be read afterwards (the mistake of rayon issues 739, 913 and 929). Further waiters are found in a list of the
// scheduler by the latch's address. Callers: groups. Proof in README.md.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

template<class Atomics>
class basic_latch {
  public:
    /// Adds unfinished work. Only while the waiter has not returned: the caller is the waiter, or part of what is
    /// counted. A negative `count` is the waiter's: it takes back what it has counted by itself. The count as a whole
    /// may be below zero meanwhile.
    void add(std::int64_t count = 1) noexcept {
        word_.fetch_add(static_cast<std::uint64_t>(count), std::memory_order_relaxed);
    }

    /// Counts `count` things as finished; the last access by this thread. If the count has come from above zero to zero
    /// or below, returns which threads to wake: the number of a worker slot plus one (see `slot_of`), and
    /// `more_flag`. Else returns 0.
    std::uint32_t finish(std::uint64_t count = 1) noexcept {
        std::uint64_t const before =
            word_.fetch_sub(count, std::memory_order_acq_rel); // latch.finish ->, <- latch.announce
        std::uint64_t const left = before & count_mask;
        return left > zero && left - count <= zero ? static_cast<std::uint32_t>(before >> count_bits) : 0;
    }
    /// A flag in the result of `finish`: further waiters are to be woken.
    static constexpr std::uint32_t more_flag = 1u << 23;
    /// Returns from the result of `finish` the number of the waiting worker slot plus one, or 0.
    static constexpr std::uint32_t slot_of(std::uint32_t told) noexcept { return told & (more_flag - 1); }

    /// Returns the count; it is below zero when more was finished than added. What was finished is visible.
    std::int64_t count() const noexcept {
        return static_cast<std::int64_t>((word_.load(std::memory_order_acquire) & count_mask) -
                                         zero); // <- latch.finish
    }
    /// Whether everything is finished except the `mine` that the waiter has counted by itself. What was finished is
    /// visible.
    bool ready(std::int64_t mine = 0) const noexcept { return count() == mine; }

    /// The result of an announcement. `over`: nothing is left to wait for. `made`: the waiter is announced. `taken`:
    /// another waiter was announced before, so this waiter uses `announce_more`.
    enum class announcement : std::uint8_t { over, made, taken };

    /// Announces a waiter, so that the last finisher wakes it. Release: the token comes after the waiter has reset its
    /// parker.
    announcement announce_wait(std::uint32_t slot) noexcept {
        std::uint64_t const mine = std::uint64_t{slot + 1} << count_bits;
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while ((word & count_mask) > zero) {
            if ((word & context_mask) != 0 && (word & context_mask) != mine) return announcement::taken;
            if (word_.compare_exchange_weak(word, word | mine, std::memory_order_release, // latch.announce ->
                                            std::memory_order_relaxed))
                return announcement::made;
        }
        return announcement::over;
    }

    /// Announces a waiter that has entered the list for this latch. False when there is nothing left to wait for.
    bool announce_more() noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while ((word & count_mask) > zero) {
            if (word_.compare_exchange_weak(word, word | more_bit, std::memory_order_release, // latch.announce ->
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }
    /// Clears the flag of further waiters, when the list has none for this latch.
    void withdraw_more() noexcept { word_.fetch_and(~more_bit, std::memory_order_relaxed); }

    /// Withdraws a waiter; a token may still come. False when no work is left.
    bool withdraw(std::uint32_t slot) noexcept {
        std::uint64_t const mine = std::uint64_t{slot + 1} << count_bits;
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

    static constexpr std::uint64_t zero = std::uint64_t{1} << (count_bits - 1); // the value of a count of 0

    /// Writers: threads that add and finish, waiters. {more waiters:1 | waiting worker slot + 1 : 23 | zero + count :
    /// 40}
    typename Atomics::template atomic<std::uint64_t> word_{zero};
};

using latch = basic_latch<std_atomics>;

} // namespace hocket::detail
