// SPDX-License-Identifier: MIT
// Which pools there are, floor 3: for those who hand work to a pool that may have ended, since what the work needs came late.
// Called by continuations, by waits for them, and by pools when they begin and end.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/fork.hpp>
#include <hocket/base/futex.hpp>
#include <hocket/sched/scheduler.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

/// **Threads** any, also in a child of fork(). **Blocks** for as long as others look through the list.
class living_pools {
  public:
    void add(scheduler& pool) noexcept {
        guard const lock(*this);
        pool.next_living_ = first_;
        first_ = &pool;
    }

    /// It is not found any more, and nobody holds it. **Blocks** until that is so.
    void remove(scheduler& pool) noexcept {
        {
            guard const lock(*this);
            for (scheduler** link = &first_; *link != nullptr; link = &(*link)->next_living_)
                if (*link == &pool) {
                    *link = pool.next_living_;
                    break;
                }
        }
        if (!pool.in_this_process()) return;                                          // who held it stayed behind
        while (pool.holders_.load(std::memory_order_acquire) != 0) sleep_for(20'000); // <- living_pools.let_go
    }

    /// Whether there is a pool at that address now.
    bool contains(scheduler const* pool) noexcept {
        guard const lock(*this);
        return found(pool);
    }

    /// The same; then it does not end before `let_go`.
    bool hold(scheduler* pool) noexcept {
        guard const lock(*this);
        return found(pool) && hold_found(*pool);
    }
    /// Only the pool with that number: there may be another one at the address of one that has ended.
    bool hold(scheduler* pool, std::uint64_t id) noexcept {
        guard const lock(*this);
        return found(pool) && pool->id() == id && hold_found(*pool);
    }
    /// The last access to the pool by who held it.
    void let_go(scheduler& pool) noexcept {
        pool.holders_.fetch_sub(1, std::memory_order_release); // living_pools.let_go ->
    }

  private:
    /// The word is the generation of the process in which the lock was taken: in a child of fork() that of a thread which stayed
    /// behind is nobody's. The list is whole at any time.
    class guard {
      public:
        explicit guard(living_pools& pools) noexcept : locked_(pools.locked_) {
            std::uint32_t const taken = fork_generation + 1;
            for (unsigned looks = 1;; ++looks) {
                std::uint32_t seen = locked_.load(std::memory_order_relaxed);
                if (seen != taken &&
                    locked_.compare_exchange_weak(seen, taken, std::memory_order_acquire, // <- living_pools.unlock
                                                  std::memory_order_relaxed))
                    return;
                if (looks % 128 == 0)
                    sleep_for(20'000);
                else
                    spin_hint();
            }
        }
        guard(guard const&) = delete;
        guard& operator=(guard const&) = delete;
        ~guard() { locked_.store(0, std::memory_order_release); } // living_pools.unlock ->

      private:
        std::atomic<std::uint32_t>& locked_;
    };

    bool found(scheduler const* pool) const noexcept {
        for (scheduler const* living = first_; living != nullptr; living = living->next_living_)
            if (living == pool) return true;
        return false;
    }
    static bool hold_found(scheduler& pool) noexcept {
        pool.holders_.fetch_add(1, std::memory_order_relaxed); // under the lock that `remove` takes first
        return true;
    }

    /// Writers: who looks. It guards the list.
    std::atomic<std::uint32_t> locked_{0};
    scheduler* first_ = nullptr; // linked by next_living_
};

inline constinit living_pools pools_of_process;

} // namespace hocket::detail
