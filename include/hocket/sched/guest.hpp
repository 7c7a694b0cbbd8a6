// SPDX-License-Identifier: MIT
// An outside thread that calls into a pool takes part in the work as a guest, floor 3: it borrows the context of a
// sleeping worker, so no more threads run than the pool has workers. Used by joins, loops and groups.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

namespace hocket::detail {

inline worker* scheduler::enter_guest(std::uint32_t last_rank) noexcept {
    std::optional<std::uint32_t> const here = rank_here();
    std::uint32_t const home = here ? *here : last_rank < size_ ? last_rank : 0;
    worker* const context = occupy_sleeper(home);
    return context != nullptr ? context : enter_crowded(home);
}

/// Takes the context of a sleeping worker, that of `home` if possible.
HOCKET_NOINLINE inline worker* scheduler::occupy_sleeper(std::uint32_t home) noexcept {
    for (std::uint32_t i = 0; i < domains_; ++i) {
        std::uint32_t const d = (home / idle_set::workers + i) % domains_;
        if (auto const bit = idle_[d].occupy(home % idle_set::workers)) return at_bit(d, *bit);
    }
    return nullptr;
}

/// While all workers are awake: a searching one makes room, or the guest gets an additional context.
HOCKET_COLD inline worker* scheduler::enter_crowded(std::uint32_t home) noexcept {
    if (somebody_searches()) {
        seats_wanted_.fetch_add(1, std::memory_order_relaxed);
        ticks const deadline = now_ticks() + 5 * ticks_per_microsecond();
        worker* context = nullptr;
        while ((context = occupy_sleeper(home)) == nullptr && now_ticks() < deadline) spin_hint();
        seats_wanted_.fetch_sub(1, std::memory_order_relaxed);
        if (context != nullptr) return context;
    }
    {
        os_lock const lock(contexts_mutex_);
        if (worker* const context = free_guests_) {
            free_guests_ = context->next_free;
            context->seated = false;
            return context;
        }
    }
    for (std::uint32_t d = 0; d < domains_; ++d)
        if (worker* const context = new_extra(d)) {
            context->seated = false;
            return context;
        }
    return nullptr;
}

inline void scheduler::leave_guest(worker& context) noexcept {
    context.lane.publish();
    bool const left_work = !context.lane.empty();
    if (context.bit >= idle_set::workers) {
        {
            os_lock const lock(contexts_mutex_);
            add_free_guest(context);
        }
        if (left_work) announce(context.domain);
        return;
    }
    idle_set::view const before = idle_[context.domain].vacate(context.bit);
    if (left_work || (before.parked_workers() == 0 && before.searching() == 0 && work_visible()))
        wake_somebody(context.domain, 1);
    if (!context.mail.empty()) announce_mail(context);
}

class guest_scope;

/// The scope of an outside thread that has not needed its context yet; see guest_scope::lazily.
inline constinit thread_local guest_scope* pending_guest = nullptr;

/// While it lives, the calling thread holds a context of the pool; unless `entered()` is false: then the pool has too
/// many guests, and the caller runs its work by itself, serially. A thread that is in the pool already keeps its context.
/// The thread may at the same time hold a context of another pool, which then rests.
class guest_scope {
  public:
    /// Takes the context when something asks for it: a loop that turns out to be tiny never touches what threads share.
    struct lazily {};

    /// `hushed_until`: before then nobody is woken for this guest's work; threads that search find it nevertheless.
    /// Throws std::logic_error when the pool was made before a fork().
    explicit guest_scope(scheduler& pool, ticks hushed_until = 0) : pool_(pool) {
        if (inside()) return;
        pool.require_this_process();
        enter(hushed_until);
    }
    guest_scope(scheduler& pool, lazily) : pool_(pool) {
        if (inside()) return;
        pool.require_this_process();
        if (this_context == nullptr && pending_guest == nullptr)
            pending_guest = this;
        else
            enter(0);
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
            enter(0);
        }
        return !crowded_;
    }

  private:
    bool inside() const noexcept { return this_context != nullptr && this_context->sched == &pool_; }

    HOCKET_COLD void enter(ticks hushed_until) noexcept {
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
        task_top = task_split = context_->stack.data();
        context_->base = 0;
        context_->base_depth = 0;
        context_->lowest = 0;
        context_->tokens = hushed_until != 0 ? 1 : worker::window_size;
        context_->owes_wake = false;
        context_->job = ++context_->jobs;
        context_->wake_after = hushed_until;
        context_->attention.store(worker::asked, std::memory_order_relaxed);
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

/// How many of the last jobs of one kind were too short to wake anybody for. Relaxed: a hint.
struct root_cost {
    std::atomic<std::uint32_t> short_ones{0};
};

/// A guest for one job. When the last few of its kind were short, it wakes nobody at first: to wake a thread costs 5 to 10 us,
/// and it comes 25 to 40 us later (on a virtual machine).
class root_scope {
  public:
    root_scope(scheduler& pool, root_cost& cost)
        : cost_(cost),
          start_(now_ticks()),
          guest_(pool, cost.short_ones.load(std::memory_order_relaxed) >= convincing ? start_ + worth_waking() : 0) {}

    ~root_scope() {
        std::uint32_t const before = cost_.short_ones.load(std::memory_order_relaxed);
        std::uint32_t const now = now_ticks() - start_ >= worth_waking() ? 0
                                  : before < convincing                  ? before + 1
                                                                         : before;
        if (now != before) cost_.short_ones.store(now, std::memory_order_relaxed);
    }

    root_scope(root_scope const&) = delete;
    root_scope& operator=(root_scope const&) = delete;

    bool entered() noexcept { return guest_.entered(); }

  private:
    static constexpr std::uint32_t convincing = 4;
    static ticks worth_waking() noexcept { return 60 * ticks_per_microsecond(); }

    root_cost& cost_;
    ticks start_;
    guest_scope guest_;
};

} // namespace hocket::detail
