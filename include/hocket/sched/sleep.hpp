// SPDX-License-Identifier: MIT
// The idle set: one word for up to 32 workers. It says which of them are parked, how many threads search for work, and
// how many cores waiting workers have released. Every change of it is one RMW, so a waker finds a sleeper and claims it
// in the same step. The proof that no wake-up is lost is in README.md of this folder. The shape is that of Go's
// scheduler and of rayon's sleep module, with a full fence on both sides.
#pragma once

#include <hocket/os/atomics.hpp>

#include <bit>
#include <cstdint>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// A worker's bit in its idle set, 0 to 31. Compensation threads and additional external callers have none: they all
/// carry `no_bit`, and a list of the scheduler says which of their worker slots are free.
using idle_bit = std::uint32_t;

template<class Atomics>
class basic_idle_set {
  public:
    static constexpr idle_bit workers = 32;
    static constexpr idle_bit no_bit = 32;
    static constexpr idle_bit no_worker = 63;

    /// How many idle sets of a pool offer a core. README.md says what a publisher may conclude from zero.
    using offer_count = typename Atomics::template atomic<std::uint32_t>;

    /// The value of the word at one moment.
    struct view {
        std::uint64_t word;
        std::uint64_t parked_workers() const { return word & worker_mask; }
        std::uint64_t searching() const { return (word >> searching_shift) & 0xffff; }
        std::uint64_t released() const { return word >> released_shift; }
        /// Whether no thread searches, and none is parked, so that none has looked before.
        bool nobody_looks() const { return parked_workers() == 0 && searching() == 0; }
    };

    /// Makes these workers begin parked. Called before any thread runs. A pool with several idle sets passes the count
    /// of those that offer a core: a parked worker or a released core.
    void start_parked(std::uint64_t mask, offer_count* offering = nullptr) noexcept {
        word_.store(mask, std::memory_order_relaxed);
        offering_ = offering;
        count_offer(0, mask);
    }

    // Called by a publisher, which first makes its work visible and then reads the word.

    /// The fence between the publication and a look at the word.
    static void publication_fence() noexcept { Atomics::full_fence(); } // sleep.publish ->

    /// The fence between a publication by a read-modify-write and a look at the word.
    static void publication_fence_after_update() noexcept { Atomics::full_fence_after_update(); } // sleep.publish ->

    view look() const noexcept { return {word_.load(std::memory_order_relaxed)}; }

    /// As `look`, for a thread that waits until a pool is quiet: it sees what the parked threads did before.
    view look_at_parked() const noexcept { return {word_.load(std::memory_order_acquire)}; } // <- sleep.park

    /// Claims a sleeper, which then counts as searching; the claimant must send it a token. Claims none when `enough`
    /// threads search already. The worker at `avoid` comes last: it would run on the core of the caller.
    /// `compensation_wanted` is set when no worker sleeps but a core is released: then a compensation thread may claim
    /// that core.
    std::optional<idle_bit> claim_sleeper(std::uint64_t enough, idle_bit avoid, bool& compensation_wanted) noexcept {
        compensation_wanted = false;
        view now = look();
        for (;;) {
            if (now.searching() >= enough) return std::nullopt;
            std::uint64_t next = now.word + one_searcher;
            idle_bit bit = 0;
            if (now.parked_workers() != 0) {
                std::uint64_t const others = now.parked_workers() & ~bit_of(avoid);
                bit = static_cast<idle_bit>(std::countr_zero(others != 0 ? others : now.parked_workers()));
            } else {
                compensation_wanted = now.released() != 0;
                return std::nullopt;
            }
            next &= ~bit_of(bit);
            if (word_.compare_exchange_weak(now.word, next, std::memory_order_acq_rel, // <- sleep.park, sleep.vacate
                                            std::memory_order_relaxed)) {
                count_offer(now.word, next);
                return bit;
            }
        }
    }

    /// Claims this very sleeper, which then counts as searching; the claimant must send it a token. False when it is
    /// awake.
    bool claim(idle_bit bit) noexcept {
        view now = look();
        while ((now.word & bit_of(bit)) != 0) {
            std::uint64_t const next = now.word - bit_of(bit) + one_searcher;
            if (word_.compare_exchange_weak(now.word, next,
                                            std::memory_order_acquire, // <- sleep.park, sleep.vacate
                                            std::memory_order_relaxed))
                return count_offer(now.word, next);
        }
        return false;
    }

    /// Takes a released core for a compensation thread that is about to be woken or created, and counts that thread as
    /// searching.
    bool claim_released_core() noexcept {
        view now = look();
        while (now.released() != 0) {
            std::uint64_t const next = now.word - one_released + one_searcher;
            if (word_.compare_exchange_weak(now.word, next,
                                            std::memory_order_acq_rel, // <- sleep.release
                                            std::memory_order_relaxed))
                return count_offer(now.word, next);
        }
        return false;
    }

    /// Gives the core back when the compensation thread could not be created. The caller looks for work afterwards, as
    /// after `vacate`.
    void give_back_claimed_core() noexcept { leave_search(true); }

    // Called by a thread of the pool.

    void begin_search() noexcept { word_.fetch_add(one_searcher, std::memory_order_relaxed); }

    /// Ends the search of a thread that has found something. Returns whether no other thread searches now.
    bool end_search() noexcept {
        view const before{word_.fetch_sub(one_searcher, std::memory_order_acq_rel)}; // sleep.keep ->, <- sleep.keep
        return before.searching() == 1;
    }

    /// Moves a worker from searching to parked in one step. The full fence that follows pairs with the publisher's.
    /// After it the caller must look at every source of work once more, and cancel if it finds any.
    void park(idle_bit bit) noexcept {
        std::uint64_t const by = bit_of(bit) - one_searcher;
        std::uint64_t const before = word_.fetch_add(by, std::memory_order_acq_rel); // sleep.park ->, <- sleep.keep
        count_offer(before, before + by);
        Atomics::full_fence(); // <- sleep.publish
    }
    /// Ends the search of a compensation thread that parks; its worker slot is among the free ones already. The caller
    /// looks once more, as after `park`. When it sees work, it wakes a sleeper, which may be itself.
    void leave_search(bool give_core_back) noexcept {
        std::uint64_t const by = (give_core_back ? one_released : 0) - one_searcher;
        std::uint64_t const before = word_.fetch_add(by, std::memory_order_acq_rel); // sleep.release ->, <- sleep.keep
        count_offer(before, before + by);
        Atomics::full_fence(); // <- sleep.publish
    }

    /// Moves a worker from parked back to searching. False when a waker has claimed it: then its token is on the way,
    /// and must be taken.
    bool cancel_park(idle_bit bit) noexcept {
        view now = look();
        while ((now.word & bit_of(bit)) != 0) {
            std::uint64_t const next = now.word - bit_of(bit) + one_searcher;
            if (word_.compare_exchange_weak(now.word, next,
                                            std::memory_order_acq_rel, // <- sleep.park, sleep.vacate
                                            std::memory_order_relaxed))
                return count_offer(now.word, next);
        }
        return false;
    }

    // Called by an external caller, which uses the worker slot of a sleeping worker.

    /// Claims the worker slot at `preferred` if that worker is parked, else that of any parked worker.
    std::optional<idle_bit> occupy(idle_bit preferred) noexcept {
        view now = look();
        while (now.parked_workers() != 0) {
            std::uint64_t const mask = (now.word & bit_of(preferred)) != 0 ? bit_of(preferred) : now.parked_workers();
            idle_bit const bit = static_cast<idle_bit>(std::countr_zero(mask));
            std::uint64_t const next = now.word & ~bit_of(bit);
            if (word_.compare_exchange_weak(now.word, next,
                                            std::memory_order_acquire, // <- sleep.park, sleep.vacate
                                            std::memory_order_relaxed)) {
                count_offer(now.word, next);
                return bit;
            }
        }
        return std::nullopt;
    }

    /// Gives the worker slot back. Returns the value of the word before. If it says that no worker was parked and no
    /// thread searched, a publisher may have found no thread to wake. So the leaving external caller looks for work,
    /// and wakes a thread for it.
    view vacate(idle_bit bit) noexcept {
        view const before{word_.fetch_add(bit_of(bit), std::memory_order_acq_rel)}; // sleep.vacate ->
        count_offer(before.word, before.word + bit_of(bit));
        Atomics::full_fence_after_update(); // <- sleep.publish
        return before;
    }

    // Called by a worker that waits and has nothing to help with.

    /// Releases its core for another thread, which then sees that the place of the caller is free. The caller looks for
    /// work afterwards, as after `vacate`.
    void release_core() noexcept {
        std::uint64_t const before = word_.fetch_add(one_released, std::memory_order_acq_rel); // sleep.release ->
        count_offer(before, before + one_released);
        Atomics::full_fence(); // <- sleep.publish
    }

    /// Reacquires the core. False when a compensation thread runs on it.
    bool reacquire_core() noexcept {
        view now = look();
        while (now.released() != 0) {
            std::uint64_t const next = now.word - one_released;
            if (word_.compare_exchange_weak(now.word, next,
                                            std::memory_order_acq_rel, // <- sleep.release
                                            std::memory_order_relaxed))
                return count_offer(now.word, next);
        }
        return false;
    }

  private:
    static constexpr std::uint64_t worker_mask = 0xffff'ffff;
    static constexpr unsigned searching_shift = 32;
    static constexpr unsigned released_shift = 48;
    static constexpr std::uint64_t one_searcher = std::uint64_t{1} << searching_shift;
    static constexpr std::uint64_t one_released = std::uint64_t{1} << released_shift;

    static constexpr std::uint64_t bit_of(idle_bit bit) { return std::uint64_t{1} << bit; }

    static constexpr bool offers_core(std::uint64_t word) {
        return (word & worker_mask) != 0 || (word >> released_shift) != 0;
    }
    /// Counts that the set offers a core from now on, or offers none any more. Returns true.
    bool count_offer(std::uint64_t before, std::uint64_t after) noexcept {
        if (offering_ != nullptr && offers_core(before) != offers_core(after))
            offering_->fetch_add(offers_core(after) ? 1u : ~0u, std::memory_order_relaxed);
        return true;
    }

    /// Writers and readers: threads of the pool, external callers, publishers. {released:16 | searching:16 |
    /// parked:32}. No thread releases or searches twice, so the counts stay below the number of threads, which is below
    /// 2^16.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> word_{0};
    offer_count* offering_ = nullptr; // constant while threads run; null: the pool has no other idle set
};

using idle_set = basic_idle_set<std_atomics>;

/// The parker: the word on which one thread sleeps until it is handed a token.
template<class Atomics>
class basic_parker {
  public:
    /// Called by the sleeper before any other thread can learn that it may be woken.
    void reset() noexcept { word_.store(0, std::memory_order_relaxed); }

    /// Sleeps until the token is there. What the waker did before is visible.
    void sleep() noexcept {
        while (word_.load(std::memory_order_acquire) == 0) Atomics::futex_wait(word_, 0); // <- parker.wake
    }

    /// Sleeps for at most about `nanoseconds`. Returns whether the token came.
    bool sleep_for(long long nanoseconds) noexcept {
        if (word_.load(std::memory_order_acquire) == 0)
            Atomics::futex_wait_for(word_, 0, nanoseconds); // <- parker.wake
        return word_.load(std::memory_order_acquire) != 0;  // <- parker.wake
    }

    /// Hands the token to the sleeper; for any thread. Does not access the parker after the token is visible, except
    /// for its address.
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
