// SPDX-License-Identifier: MIT
// The range word of one stripe of a loop. A single word says which units are left, and how many participants run units
// of the stripe. It also says whether the caller of the loop sleeps until they finish. A claim takes units from the
// front and registers the claimant in the same CAS. So the loop cannot finish, and its description cannot die, under a
// participant. After dispenso's stripes and the range word of lazy binary splitting; the proof is in README.md.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The units from first to last - 1.
struct unit_range {
    std::uint64_t first;
    std::uint64_t last;
    constexpr bool empty() const { return first >= last; }
};

template<class Atomics>
class basic_range_word {
  public:
    static constexpr unsigned unit_bits = 26;
    static constexpr std::uint64_t max_units = std::uint64_t{1} << (unit_bits - 1);

    /// Opens a new loop on this stripe. For the caller of the loop, while no thread is registered and no units are
    /// left. With `registered`, one participant is registered from the beginning.
    void open(unit_range units, bool registered = false) noexcept {
        word_.store(pack(units.first, units.last) + (registered ? one_participant : 0),
                    std::memory_order_release); // range.open ->
    }

    /// Takes up to `count` units from the front, and registers the claimant unless it is registered already.
    unit_range claim(std::uint64_t count, bool registered) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint64_t const left = units_left(word);
            if (left == 0) return {0, 0};
            std::uint64_t const taken = count < left ? count : left;
            std::uint64_t const next = word + taken + (registered ? 0 : one_participant);
            if (word_.compare_exchange_weak(word, next, std::memory_order_acquire, // <- range.open
                                            std::memory_order_relaxed)) {
                std::uint64_t const first = word & unit_mask;
                return {first, first + taken};
            }
        }
    }

    /// Removes a registration; afterwards the participant may touch nothing of the loop. Returns whether the
    /// participant must wake the caller: the caller sleeps, and this was the last participant.
    bool leave() noexcept {
        std::uint64_t const before =
            word_.fetch_sub(one_participant, std::memory_order_acq_rel); // range.leave ->, <- range.announce
        return (before & waiting_flag) != 0 && participants(before) == 1;
    }

    /// Removes a registration, as `leave` does. Returns whether the word has finished by that. Then the participant
    /// sees what the others wrote. For a word that no thread waits for.
    bool leave_and_finish() noexcept {
        std::uint64_t const before =
            word_.fetch_sub(one_participant, std::memory_order_acq_rel); // range.leave ->, <- range.leave
        return units_left(before) == 0 && participants(before) == 1;
    }

    /// Drops the units that no thread has claimed.
    void drop_rest() noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while (units_left(word) != 0 &&
               !word_.compare_exchange_weak(word, word + units_left(word), std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
        }
    }

    /// Returns the number of units that no thread has claimed yet. A hint.
    std::uint64_t left() const noexcept { return units_left(word_.load(std::memory_order_relaxed)); }

    /// Whether no units are left and no thread is registered. Then the caller of the loop sees what the participants
    /// wrote.
    bool finished() const noexcept {
        std::uint64_t const word = word_.load(std::memory_order_acquire); // <- range.leave
        return units_left(word) == 0 && participants(word) == 0;
    }

    /// Asks for a wake-up by the last participant that leaves. For the caller of the loop. Returns false when all
    /// participants have left. Release: the token comes after the caller has reset its parker.
    bool announce_wait() noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while (participants(word) != 0) {
            if (word_.compare_exchange_weak(word, word | waiting_flag, std::memory_order_release, // range.announce ->
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

  private:
    static constexpr std::uint64_t unit_mask = (std::uint64_t{1} << unit_bits) - 1;
    static constexpr std::uint64_t one_participant = std::uint64_t{1} << (2 * unit_bits);
    static constexpr std::uint64_t waiting_flag = std::uint64_t{1} << 63;

    static constexpr std::uint64_t pack(std::uint64_t first, std::uint64_t last) { return first | (last << unit_bits); }
    static constexpr std::uint64_t units_left(std::uint64_t word) {
        std::uint64_t const first = word & unit_mask;
        std::uint64_t const last = (word >> unit_bits) & unit_mask;
        return first < last ? last - first : 0;
    }
    static constexpr std::uint64_t participants(std::uint64_t word) {
        return (word & ~waiting_flag) >> (2 * unit_bits);
    }

    /// Writers: the caller (open, announce_wait, drop_rest), participants (claim, leave). Readers: all threads.
    /// {waiting:1 | participants:11 | last:26 | first:26}
    typename Atomics::template atomic<std::uint64_t> word_{0};
};

using range_word = basic_range_word<std_atomics>;

} // namespace hocket::detail
