// SPDX-License-Identifier: MIT
// An outside thread that calls into a pool takes part in the work as a guest, floor 3: it borrows the context of a
// sleeping worker, so no more threads run than the pool has workers. Used by joins, loops and groups.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

class guest_scope;

/// The scope of an outside thread that has not needed its context yet; see guest_scope::lazily.
inline constinit thread_local guest_scope* pending_guest = nullptr;

/// Points in time until which a job that is known to be short keeps to itself; 0 for no such time.
struct solitude {
    ticks publish_nothing_before = 0;
    ticks wake_nobody_before = 0;
};

/// While it lives, the calling thread holds a context of the pool; unless `entered()` is false: then the pool has too
/// many guests, and the caller runs its work by itself, serially. A thread that is in the pool already keeps its context.
/// The thread may at the same time hold a context of another pool, which then rests.
class guest_scope {
  public:
    /// Takes the context when something asks for it: a loop that turns out to be tiny never touches what threads share.
    struct lazily {};

    /// Throws std::logic_error when the pool was made before a fork().
    explicit guest_scope(scheduler& pool, solitude alone = {}) : pool_(pool) {
        if (inside()) return;
        pool.require_this_process();
        enter(alone);
    }
    guest_scope(scheduler& pool, lazily) : pool_(pool) {
        if (inside()) return;
        pool.require_this_process();
        if (this_context == nullptr && pending_guest == nullptr)
            pending_guest = this;
        else
            enter({});
    }

    ~guest_scope() {
        if (pending_guest == this) pending_guest = nullptr;
        if (context_ != nullptr) leave();
    }

    guest_scope(guest_scope const&) = delete;
    guest_scope& operator=(guest_scope const&) = delete;

    scheduler& pool() const noexcept { return pool_; }

    /// Takes the context now if that was put off. Returns whether the thread is in the pool.
    bool entered() noexcept {
        if (pending_guest == this) {
            pending_guest = nullptr;
            enter({});
        }
        return !crowded_;
    }

  private:
    bool inside() const noexcept { return this_context != nullptr && this_context->sched == &pool_; }

    HOCKET_COLD void enter(solitude alone) noexcept {
        context_ = pool_.enter_guest(last_rank);
        if (context_ == nullptr) {
            crowded_ = true;
            return;
        }
        if (context_->bit < idle_set::workers) last_rank = context_->rank;
        outer_context_ = this_context;
        outer_top_ = task_top;
        outer_split_ = task_split;
        this_context = context_;
        task_top = task_split = context_->slots.get();
        context_->base = 0;
        context_->base_depth = 0;
        context_->lowest = 0;
        context_->tokens = worker::window_size;
        context_->owes_wake = false;
        context_->private_until = alone.publish_nothing_before;
        context_->wake_after = alone.wake_nobody_before;
        context_->fuel = worker::pushes_while_alone;
        context_->attention.store(alone.wake_nobody_before == 0 ? worker::asked : worker::later,
                                  std::memory_order_relaxed);
    }

    HOCKET_COLD void leave() noexcept {
        this_context = outer_context_;
        task_top = outer_top_;
        task_split = outer_split_;
        pool_.leave_guest(*context_);
    }

    /// A thread that comes again gets the same context if it is free, and with it the same share of a loop.
    static inline constinit thread_local std::uint32_t last_rank = 0;

    scheduler& pool_;
    worker* context_ = nullptr;
    bool crowded_ = false;
    worker* outer_context_ = nullptr;
    task_slot* outer_top_ = nullptr;
    task_slot* outer_split_ = nullptr;
};

/// The pool that the calling thread is in, after taking a context that was put off; null if it is in none.
inline scheduler* enclosing_scheduler() noexcept {
    if (this_context != nullptr) return this_context->sched;
    if (pending_guest == nullptr) return nullptr;
    scheduler& pool = pending_guest->pool();
    (void)pending_guest->entered();
    return &pool;
}

/// How long the jobs of one kind took the last time. Relaxed: a hint.
struct root_cost {
    std::atomic<ticks> last{0};
};

/// A guest for one job, which keeps to itself at first if it was short the last time: to wake somebody costs 5 to 10 us, and
/// the sleeper comes 25 to 40 us later (on a virtual machine); to hand over a task costs the time of a hundred joins.
class root_scope {
  public:
    root_scope(scheduler& pool, root_cost& cost)
        : cost_(cost), start_(now_ticks()), guest_(pool, alone(cost, start_)) {}
    ~root_scope() { cost_.last.store(now_ticks() - start_ + 1, std::memory_order_relaxed); }
    root_scope(root_scope const&) = delete;
    root_scope& operator=(root_scope const&) = delete;

    bool entered() noexcept { return guest_.entered(); }

  private:
    static solitude alone(root_cost const& cost, ticks start) noexcept {
        ticks const last = cost.last.load(std::memory_order_relaxed);
        ticks const worth_waking = 60 * ticks_per_microsecond();
        ticks const worth_sharing = 4 * ticks_per_microsecond();
        if (last == 0 || last >= worth_waking) return {};
        return {last < worth_sharing ? start + worth_sharing : 0, start + worth_waking};
    }

    root_cost& cost_;
    ticks start_;
    guest_scope guest_;
};

} // namespace hocket::detail
