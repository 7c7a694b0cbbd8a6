// SPDX-License-Identifier: MIT
// The words of a future. One word says whether the result is available, which continuations to call, and whether a
// thread sleeps. It also says whether the task that computes the result has begun. Counts stand beside it. Every
// transition is one RMW. The proof is in README.md of this folder. Callers: the states of futures, and joins of several
// futures.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The words of a future. `Node` has a member `next` that points to a node; nodes are aligned to 8 bytes.
/// `asks_for_error(list of nodes)` says whether the error of a future is passed on, if there is such a list at all.
template<class Atomics, class Node>
class basic_future_word {
  public:
    /// `offered`: a task computes the value, and any thread that holds the word may begin it.
    basic_future_word(bool offered, std::uint32_t references) noexcept
        : word_(offered ? offered_flag : 0), references_(references) {}

    /// Whether the result is available; then it is visible.
    bool complete() const noexcept {
        return (word_.load(std::memory_order_acquire) & done_flag) != 0; // <- future.set
    }

    /// Whether the result is available and is an error.
    bool failed() const noexcept {
        return (word_.load(std::memory_order_acquire) & (done_flag | failed_flag)) ==
               (done_flag | failed_flag); // <- future.set
    }

    /// Adds a node, which the thread that sets the result will call. Returns false when the result is available
    /// already: then `node` was not added.
    bool add(Node& node) noexcept {
        std::uint64_t word = word_.load(std::memory_order_acquire); // <- future.set
        while ((word & done_flag) == 0) {
            node.next = reinterpret_cast<Node*>(word & ~flags);
            if (word_.compare_exchange_weak(word, reinterpret_cast<std::uint64_t>(&node) | (word & flags),
                                            std::memory_order_release,  // future.add ->
                                            std::memory_order_acquire)) // <- future.set
                return true;
        }
        return false;
    }

    /// Says that the result was written; called once. Wakes sleepers. Returns the nodes, the last added first; they are
    /// the caller's. The caller holds a reference beyond the call.
    Node* set(bool failed) noexcept {
        std::uint64_t const before = word_.exchange(failed ? done_flag | failed_flag : done_flag,
                                                    std::memory_order_acq_rel); // future.set ->, <- future.add
        return finish_set(before, failed);
    }

    /// As `set`, for a result that a thread may end instead. If one has, returns null and sets `ended`: no thread has
    /// read what the caller wrote.
    Node* set_unless_ended(bool failed, bool& ended) noexcept {
        std::uint64_t before = word_.load(std::memory_order_relaxed);
        do {
            ended = (before & done_flag) != 0;
            if (ended) return nullptr;
        } while (!word_.compare_exchange_weak(before, failed ? done_flag | failed_flag : done_flag,
                                              std::memory_order_acq_rel, // future.set ->, <- future.add
                                              std::memory_order_relaxed));
        return finish_set(before, failed);
    }

    /// Ends a result that no task computes: it is available, and an error without an object. Wakes sleepers, and
    /// returns the nodes, as `set` does; null when the result is available already.
    Node* end() noexcept {
        std::uint64_t before = word_.load(std::memory_order_relaxed);
        do {
            if ((before & done_flag) != 0) return nullptr;
        } while (!word_.compare_exchange_weak(before, done_flag | failed_flag | ended_flag | observed_flag,
                                              std::memory_order_acquire, // <- future.add
                                              std::memory_order_relaxed));
        return finish_set(before, false);
    }
    /// Whether an available result was ended. Then there is neither a value nor an error.
    bool ended() const noexcept { return (word_.load(std::memory_order_relaxed) & ended_flag) != 0; }

    /// Notes that the error of a failed state has been asked for. Relaxed: the thread that drops the state has released
    /// or acquired it since.
    void observe() noexcept { word_.fetch_or(observed_flag, std::memory_order_relaxed); }
    bool observed() const noexcept { return (word_.load(std::memory_order_relaxed) & observed_flag) != 0; }

    /// Returns the nodes that were added, the last added first; null when the result is available. They may go when it
    /// is set.
    Node const* newest() const noexcept {
        std::uint64_t const word = word_.load(std::memory_order_acquire); // <- future.add
        return (word & done_flag) != 0 ? nullptr : reinterpret_cast<Node const*>(word & ~flags);
    }

    // The task that computes the result.

    /// Says that the task has all it needs: any thread may begin it.
    void offer() noexcept { word_.fetch_or(offered_flag, std::memory_order_release); } // future.offer ->

    /// Returns true for exactly one caller, if the task was offered: that caller must run it.
    bool try_begin() noexcept {
        if (!offered()) return false;
        return (word_.fetch_and(~offered_flag, std::memory_order_acquire) & offered_flag) != 0; // <- future.offer
    }

    /// Whether no thread has begun the task. A hint.
    bool offered() const noexcept { return (word_.load(std::memory_order_relaxed) & offered_flag) != 0; }

    // Sleeping. For any number of threads, each of which holds a reference.

    /// Makes `set` wake sleepers from now on. Returns false when the result is available; then it is visible.
    bool watch() noexcept {
        std::uint64_t word = word_.load(std::memory_order_acquire); // <- future.set
        while ((word & (done_flag | watched_flag)) == 0) {
            if (word_.compare_exchange_weak(word, word | watched_flag, std::memory_order_relaxed,
                                            std::memory_order_relaxed))
                return true;
            word = word_.load(std::memory_order_acquire); // <- future.set
        }
        return (word & done_flag) == 0;
    }

    /// Sleeps until the result is available. Called after `watch`.
    void sleep() noexcept {
        for (std::uint32_t seen; ((seen = bell_.load(std::memory_order_acquire)) & rung_flag) == 0;) // <- future.ring
            Atomics::futex_wait(bell_, seen);
        pass_on();
    }

    /// Sleeps for at most about `nanoseconds`; returns whether the result is available. Called after `watch`.
    bool sleep_for(long long nanoseconds) noexcept {
        std::uint32_t const seen = bell_.load(std::memory_order_acquire); // <- future.ring
        if ((seen & rung_flag) == 0) {
            Atomics::futex_wait_for(bell_, seen, nanoseconds);
            if ((bell_.load(std::memory_order_acquire) & rung_flag) == 0) return false; // <- future.ring
        }
        pass_on();
        return true;
    }

    // Loans. A holder of the future lets others read the value; each of them holds a reference beside its loan.

    /// Begins a loan. For the holder of the future, or of a loan.
    void lend() noexcept { bell_.fetch_add(one_loan, std::memory_order_relaxed); }
    /// Ends a loan after the last read of the borrower.
    void end_loan() noexcept { bell_.fetch_sub(one_loan, std::memory_order_release); } // future.end_loan ->
    /// Whether others may read the value. For the holder of the future. If not, all borrowers have finished.
    bool lent() const noexcept {
        return (bell_.load(std::memory_order_acquire) & ~unwanted_flag) >= one_loan; // <- future.end_loan
    }

    /// Whether there is at most one loan. For the holder of the future. A hint.
    bool lent_once() const noexcept { return (bell_.load(std::memory_order_relaxed) & ~unwanted_flag) < 2 * one_loan; }

    /// Drops one of the many equal holders of a result; each holder beyond the first is a loan. The last holder gives
    /// no loan back, as no holder is left that would ask.
    void end_share() noexcept {
        std::uint32_t bell = bell_.load(std::memory_order_relaxed);
        while ((bell & ~unwanted_flag) >= one_loan)
            if (bell_.compare_exchange_weak(bell, bell - one_loan, std::memory_order_release, // future.end_loan ->
                                            std::memory_order_relaxed))
                return;
    }

    // Whether the result is still wanted. Relaxed: nothing is published by it.

    /// Says that the program does not need the result: its task may end early.
    void give_up() noexcept { bell_.fetch_or(unwanted_flag, std::memory_order_relaxed); }
    bool unwanted() const noexcept { return (bell_.load(std::memory_order_relaxed) & unwanted_flag) != 0; }

    // References.

    /// Adds references. For a thread that holds one.
    void retain(std::uint32_t more = 1) noexcept { references_.fetch_add(more, std::memory_order_relaxed); }

    /// Gives one reference back. Returns true for the last: no other thread can reach the state any more. A thread that
    /// holds the only reference needs no RMW: no other thread can add one.
    bool release() noexcept {
        if (references_.load(std::memory_order_acquire) == 1) return true; // <- future.release
        return references_.fetch_sub(1, std::memory_order_acq_rel) == 1;   // future.release ->, <- future.release
    }

    /// Gives one reference back, on a thread that will give back another one later: that is the release. If there are
    /// no more than these two, no other thread can change the count, and no RMW is needed.
    void release_one_of_two() noexcept {
        if (references_.load(std::memory_order_acquire) == 2) // <- future.release
            references_.store(1, std::memory_order_relaxed);
        else
            references_.fetch_sub(1, std::memory_order_relaxed);
    }

  private:
    static constexpr std::uint64_t done_flag = 1;    // the result is available
    static constexpr std::uint64_t offered_flag = 2; // not done: a task that no thread has begun will set it
    static constexpr std::uint64_t watched_flag = 4; // not done: a thread may sleep
    static constexpr std::uint64_t failed_flag = 4;  // done: the result is an error
    static constexpr std::uint64_t flags = 7;
    static constexpr std::uint64_t observed_flag = 8; // done, and failed: the error has been asked for
    static constexpr std::uint64_t ended_flag = 16;   // done, and failed: there is no error object
    static constexpr std::uint32_t rung_flag = 1;
    static constexpr std::uint32_t one_loan = 2;
    static constexpr std::uint32_t unwanted_flag = std::uint32_t{1} << 31;

    /// Wakes sleepers after the word `before` was replaced by a result. Returns the nodes.
    Node* finish_set(std::uint64_t before, bool failed) noexcept {
        if ((before & watched_flag) != 0) ring();
        Node* const newest = reinterpret_cast<Node*>(before & ~flags);
        if (failed && asks_for_error(newest)) observe();
        return newest;
    }
    void ring() noexcept {
        bell_.fetch_or(rung_flag, std::memory_order_release); // future.ring ->
        Atomics::futex_wake_one(bell_);
    }
    /// Lets each sleeper wake the next one.
    void pass_on() noexcept { Atomics::futex_wake_one(bell_); }

    /// {newest node | flags}, or done. Writers: threads that add, watch, offer, begin; the thread that sets the result.
    typename Atomics::template atomic<std::uint64_t> word_;
    /// Three facts in one word. The setter sets the lowest bit for ever, if the word said watched, so no sleeper misses
    /// it. Holders and borrowers count the loans in the middle bits. A thread that gives the result up sets the highest
    /// bit. Readers: sleepers, and the holder that would move the value out.
    typename Atomics::template atomic<std::uint32_t> bell_{0};
    /// Writers: every thread that takes or gives back a reference.
    typename Atomics::template atomic<std::uint32_t> references_;
};

/// Counts down the events that must happen before another one may. The thread of the last event learns that it was the
/// last, and sees what the other threads did before.
template<class Atomics>
class basic_countdown {
  public:
    explicit basic_countdown(std::uint32_t count) noexcept : left_(count) {}

    /// What a thread learns when it counts down.
    enum class step : std::uint8_t { not_last, last, last_after_end };

    bool one_less() noexcept { return tell() == step::last; }
    step tell() noexcept {
        std::uint32_t const before =
            left_.fetch_sub(1, std::memory_order_acq_rel); // countdown.less ->, <- countdown.less
        if (before == 1) return step::last;
        return before == (ended_flag | 1) ? step::last_after_end : step::not_last;
    }
    /// Ends the wait for the events early. Returns true for one caller, if the last event has not happened by then.
    /// From then on the caller counts down too, and the last thread to do so learns of the end. Relaxed: what the
    /// caller does next it publishes when it counts down.
    bool end() noexcept {
        std::uint32_t left = left_.load(std::memory_order_relaxed);
        while (left != 0 && (left & ended_flag) == 0)
            if (left_.compare_exchange_weak(left, (left + 1) | ended_flag, std::memory_order_relaxed,
                                            std::memory_order_relaxed))
                return true;
        return false;
    }

  private:
    static constexpr std::uint32_t ended_flag = std::uint32_t{1} << 31;

    /// Writers: one_less, tell; end sets the highest bit.
    typename Atomics::template atomic<std::uint32_t> left_;
};

/// A race that the first of several threads wins. Relaxed: one location decides, and the losers do nothing.
template<class Atomics>
class basic_race {
  public:
    bool win() noexcept {
        return !won_.load(std::memory_order_relaxed) && !won_.exchange(true, std::memory_order_relaxed);
    }

  private:
    /// Writers: threads that try to win.
    typename Atomics::template atomic<bool> won_{false};
};

using countdown = basic_countdown<std_atomics>;
using race = basic_race<std_atomics>;

} // namespace hocket::detail
