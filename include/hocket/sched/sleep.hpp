// SPDX-License-Identifier: MIT
// Who sleeps and who searches: one word for up to 32 workers that says which of them are parked, how many threads
// search for work, and how many cores were lent by waiting workers. Every change of it is one RMW, so a waker claims a
// sleeper in the same step in which it looks for one. The proof that no wake-up is lost is in README.md of this folder;
// the shape is that of Go's scheduler and of rayon's sleep module, with a full fence on both sides.
#pragma once

#include <hocket/os/atomics.hpp>

#include <bit>
#include <cstdint>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// A worker's place in its idle set, 0 to 31. Spare threads and additional guests have none: they all carry `no_place`, and
/// a list of the scheduler says which of their contexts are free.
using idle_bit = std::uint32_t;

template<class Atomics>
class basic_idle_set {
  public:
    static constexpr idle_bit workers = 32;
    static constexpr idle_bit no_place = 32;
    static constexpr idle_bit no_worker = 63;

    /// What the word said at one moment.
    struct view {
        std::uint64_t word;
        std::uint64_t parked_workers() const { return word & worker_mask; }
        std::uint64_t searching() const { return (word >> searching_shift) & 0xffff; }
        std::uint64_t lent() const { return word >> lent_shift; }
    };

    /// Before any thread runs: these workers begin parked.
    void start_parked(std::uint64_t mask) noexcept { word_.store(mask, std::memory_order_relaxed); }

    // A publisher: first makes its work visible, then asks.

    /// Stands between the publication and a look at the word.
    static void publication_fence() noexcept { Atomics::full_fence(); } // sleep.publish ->

    /// The same directly after a publication by a read-modify-write.
    static void publication_fence_after_update() noexcept { Atomics::full_fence_after_update(); } // sleep.publish ->

    view look() const noexcept { return {word_.load(std::memory_order_relaxed)}; }

    /// Claims a sleeper, which then counts as searching; the claimant owes it its token. Takes nobody when `enough`
    /// threads search already. The worker at `avoid` comes last: it would run on the core of the caller. `spare_wanted` is set when
    /// no worker sleeps but a core is lent: then a spare thread may claim that.
    std::optional<idle_bit> claim_sleeper(std::uint64_t enough, idle_bit avoid, bool& spare_wanted) noexcept {
        spare_wanted = false;
        view now = look();
        for (;;) {
            if (now.searching() >= enough) return std::nullopt;
            std::uint64_t next = now.word + one_searcher;
            idle_bit bit = 0;
            if (now.parked_workers() != 0) {
                std::uint64_t const others = now.parked_workers() & ~bit_of(avoid);
                bit = static_cast<idle_bit>(std::countr_zero(others != 0 ? others : now.parked_workers()));
            } else {
                spare_wanted = now.lent() != 0;
                return std::nullopt;
            }
            next &= ~bit_of(bit);
            if (word_.compare_exchange_weak(now.word, next, std::memory_order_acq_rel, std::memory_order_relaxed))
                return bit;
        }
    }

    /// Claims this very sleeper, which then counts as searching; the claimant owes it its token. False when it is awake.
    bool claim(idle_bit bit) noexcept {
        view now = look();
        while ((now.word & bit_of(bit)) != 0) {
            if (word_.compare_exchange_weak(now.word, now.word - bit_of(bit) + one_searcher,
                                            std::memory_order_acquire, // <- sleep.vacate
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    /// Takes a lent core for a spare thread that is about to be woken or created, and counts it as searching.
    bool claim_lent_core() noexcept {
        view now = look();
        while (now.lent() != 0) {
            if (word_.compare_exchange_weak(now.word, now.word - one_lent + one_searcher, std::memory_order_acq_rel,
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    /// The spare thread could not be created after all. The caller looks for work afterwards, as after `vacate`.
    void give_back_claimed_core() noexcept { leave_search(true); }

    // A pool thread.

    void begin_search() noexcept { word_.fetch_add(one_searcher, std::memory_order_relaxed); }

    /// Found something. Returns whether nobody else searches now.
    bool end_search() noexcept {
        return view{word_.fetch_sub(one_searcher, std::memory_order_acq_rel)}.searching() == 1;
    }

    /// From searching to parked, in one step. The full fence that follows pairs with the publisher's: after it the
    /// caller must look at every source of work once more, and cancel if it finds any.
    void park(idle_bit bit) noexcept {
        word_.fetch_add(bit_of(bit) - one_searcher, std::memory_order_acq_rel);
        Atomics::full_fence(); // <- sleep.publish
    }
    /// The same for a spare thread, whose context is among the free ones already. When it sees work, it wakes a sleeper; that
    /// may be itself.
    void leave_search(bool give_core_back) noexcept {
        word_.fetch_add((give_core_back ? one_lent : 0) - one_searcher, std::memory_order_acq_rel);
        Atomics::full_fence(); // <- sleep.publish
    }

    /// Back to searching. False when a waker has claimed this context: then its token is on the way, and must be taken.
    bool cancel_park(idle_bit bit) noexcept {
        view now = look();
        while ((now.word & bit_of(bit)) != 0) {
            if (word_.compare_exchange_weak(now.word, now.word - bit_of(bit) + one_searcher, std::memory_order_acq_rel,
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    // A guest: an outside thread that uses the context of a sleeping worker.

    /// Claims the context at `preferred` if it is parked, else any parked worker's.
    std::optional<idle_bit> occupy(idle_bit preferred) noexcept {
        view now = look();
        while (now.parked_workers() != 0) {
            std::uint64_t const mask = (now.word & bit_of(preferred)) != 0 ? bit_of(preferred) : now.parked_workers();
            idle_bit const bit = static_cast<idle_bit>(std::countr_zero(mask));
            if (word_.compare_exchange_weak(now.word, now.word & ~bit_of(bit),
                                            std::memory_order_acquire, // <- sleep.vacate
                                            std::memory_order_relaxed))
                return bit;
        }
        return std::nullopt;
    }

    /// Gives the context back. Returns what the word said before; when nobody was parked and nobody searched, a publisher
    /// may have had nobody to wake, so the leaving guest looks for work to wake somebody for.
    view vacate(idle_bit bit) noexcept {
        view const before{word_.fetch_add(bit_of(bit), std::memory_order_acq_rel)}; // sleep.vacate ->
        Atomics::full_fence_after_update();                                         // <- sleep.publish
        return before;
    }

    // A worker that waits and has nothing to help with.

    /// Its core is free for another thread. The caller looks for work afterwards, as after `vacate`.
    void lend_core() noexcept {
        word_.fetch_add(one_lent, std::memory_order_acq_rel);
        Atomics::full_fence(); // <- sleep.publish
    }

    /// Takes the core back. False when a spare thread runs on it.
    bool return_core() noexcept {
        view now = look();
        while (now.lent() != 0) {
            if (word_.compare_exchange_weak(now.word, now.word - one_lent, std::memory_order_acq_rel,
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

  private:
    static constexpr std::uint64_t worker_mask = 0xffff'ffff;
    static constexpr unsigned searching_shift = 32;
    static constexpr unsigned lent_shift = 48;
    static constexpr std::uint64_t one_searcher = std::uint64_t{1} << searching_shift;
    static constexpr std::uint64_t one_lent = std::uint64_t{1} << lent_shift;

    static constexpr std::uint64_t bit_of(idle_bit bit) { return std::uint64_t{1} << bit; }

    /// Writers and readers: every thread of the pool, guests, publishers. {lent:16 | searching:16 | parked:32}. No thread
    /// lends or searches twice, so the counts stay below the number of threads, which is below 2^16
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> word_{0};
};

using idle_set = basic_idle_set<std_atomics>;

/// The word on which one thread sleeps until it is handed a token.
template<class Atomics>
class basic_parker {
  public:
    /// The sleeper, before it tells anybody that it may be woken.
    void reset() noexcept { word_.store(0, std::memory_order_relaxed); }

    /// The sleeper. Returns once the token is there; what the waker did before is visible.
    void sleep() noexcept {
        while (word_.load(std::memory_order_acquire) == 0) Atomics::futex_wait(word_, 0); // <- parker.wake
    }

    /// The same for at most about `nanoseconds`; whether the token came.
    bool sleep_for(long long nanoseconds) noexcept {
        if (word_.load(std::memory_order_acquire) == 0)
            Atomics::futex_wait_for(word_, 0, nanoseconds); // <- parker.wake
        return word_.load(std::memory_order_acquire) != 0;  // <- parker.wake
    }

    /// Anyone. Never touches the parker after the token is visible, but for its address.
    void wake() noexcept {
        word_.store(1, std::memory_order_release); // parker.wake ->
        Atomics::futex_wake_one(word_);
    }

  private:
    /// Writers: the sleeper (reset), the waker (token). Reader: the sleeper. 0: nothing, 1: token.
    typename Atomics::template atomic<std::uint32_t> word_{0};
};

using parker = basic_parker<std_atomics>;

} // namespace hocket::detail
