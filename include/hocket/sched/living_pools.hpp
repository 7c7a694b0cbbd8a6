// SPDX-License-Identifier: MIT
// The list of living pools, for threads that hand work to a pool that may have been destroyed, since what the work
// needs came late. Called by continuations, by waits for them, and by pools when they begin and end. The proof is in
// README.md of this folder.
#pragma once

#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/sched/scheduler.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// `Pool` is scheduler except in tests. **Threads** any, also in a child of fork(). **Blocks** while other threads look
/// through the list.
template<class Atomics, class Pool>
class basic_living_pools {
  public:
    void add(Pool& pool) noexcept {
        guard const lock(*this);
        Pool* const next = first_;
        pool.next_living_ = next;
        first_ = &pool;
    }

    /// Removes a pool: no thread finds it any more. **Blocks** until no thread holds it.
    void remove(Pool& pool) noexcept {
        unlink(pool);
        if (!pool.in_this_process()) return; // its holders exist only in the parent
        for (unsigned looks = 1; is_held(pool); ++looks) let_time_pass(looks);
    }

    /// Whether there is a pool at that address now.
    bool contains(Pool const* pool) noexcept {
        guard const lock(*this);
        return found(pool);
    }

    /// Holds the pool if it lives: then it is not destroyed before `let_go`. Returns whether it lives.
    bool hold(Pool* pool) noexcept {
        guard const lock(*this);
        return found(pool) && hold_found(*pool);
    }
    /// Holds the pool only if it has that number, since another pool may lie at the address of a destroyed one.
    bool hold(Pool* pool, std::uint64_t id) noexcept {
        guard const lock(*this);
        return found(pool) && pool->id() == id && hold_found(*pool);
    }
    /// Returns what `f` returns for one living pool of this process; false if there is none. `f` is short: other
    /// threads wait meanwhile.
    template<class F>
    bool with_one(F const& f) noexcept {
        guard const lock(*this);
        for (Pool* living = first_; living != nullptr; living = living->next_living_)
            if (living->in_this_process()) return f(*living);
        return false;
    }

    /// Ends a `hold`: the last access of the holder to the pool.
    void let_go(Pool& pool) noexcept {
        pool.holders_.fetch_sub(1, std::memory_order_release); // living_pools.let_go ->
    }

    /// Calls `f(pool)` for each pool of this process, under the lock: `f` is short and calls no function of this class.
    /// In a child of fork(), the memory of the threads of the parent's pools may be in use for something else.
    template<class F>
    void for_each(F const& f) noexcept {
        guard const lock(*this);
        for (Pool* living = first_; living != nullptr; living = living->next_living_)
            if (living->in_this_process()) f(*living);
    }

  private:
    using atomic_word = typename Atomics::template atomic<std::uint32_t>;
    using link = decltype(Pool::next_living_);

    /// The lock. Its word is the generation of the process that has taken it. In a child of fork(), a lock of a thread
    /// that exists only in the parent counts as free. The list is whole at any time.
    class guard {
      public:
        explicit guard(basic_living_pools& pools) noexcept : locked_(pools.locked_) {
            std::uint32_t const taken = fork_generation + 1;
            for (unsigned looks = 1;; ++looks) {
                std::uint32_t seen = locked_.load(std::memory_order_relaxed);
                if (seen != taken &&
                    locked_.compare_exchange_weak(seen, taken, std::memory_order_acquire, // <- living_pools.unlock
                                                  std::memory_order_relaxed))
                    return;
                let_time_pass(looks);
            }
        }
        guard(guard const&) = delete;
        guard& operator=(guard const&) = delete;
        ~guard() { locked_.store(0, std::memory_order_release); } // living_pools.unlock ->

      private:
        atomic_word& locked_;
    };

    static void let_time_pass(unsigned looks) noexcept {
        if (looks % 128 == 0)
            sleep_for(20'000);
        else
            Atomics::pause();
    }

    void unlink(Pool& pool) noexcept {
        guard const lock(*this);
        for (link* at = &first_; Pool* const living = *at; at = &living->next_living_) {
            if (living != &pool) continue;
            Pool* const next = living->next_living_;
            *at = next;
            return;
        }
    }
    bool found(Pool const* pool) const noexcept {
        for (Pool const* living = first_; living != nullptr; living = living->next_living_)
            if (living == pool) return true;
        return false;
    }
    static bool is_held(Pool const& pool) noexcept {
        return pool.holders_.load(std::memory_order_acquire) != 0; // <- living_pools.let_go
    }
    static bool hold_found(Pool& pool) noexcept {
        pool.holders_.fetch_add(1, std::memory_order_relaxed); // under the lock that `remove` takes first
        return true;
    }

    /// Writers: threads that take the lock. It guards the list.
    atomic_word locked_{0};
    link first_{}; // linked by next_living_
};

using living_pools = basic_living_pools<std_atomics, scheduler>;

inline constinit living_pools pools_of_process;

} // namespace hocket::detail
