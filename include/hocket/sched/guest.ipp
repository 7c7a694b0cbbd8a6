// SPDX-License-Identifier: MIT
// The bodies of the functions that guest.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/guest.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE worker* scheduler::enter_guest(std::uint32_t last_rank) noexcept {
    std::optional<std::uint32_t> const here = rank_here();
    std::uint32_t const home = here ? *here : last_rank < size_ ? last_rank : 0;
    worker* const sleeper = occupy_sleeper(home);
    worker* const context = sleeper != nullptr ? sleeper : enter_crowded(home);
    note_busy();
    return context;
}

/// Takes the worker slot of a sleeping worker, that of `home` if possible.
HOCKET_NOINLINE HOCKET_INLINE worker* scheduler::occupy_sleeper(std::uint32_t home) noexcept {
    for (std::uint32_t i = 0; i < domains_; ++i) {
        std::uint32_t const d = (home / idle_set::workers + i) % domains_;
        if (auto const bit = idle_[d].occupy(home % idle_set::workers)) return at_bit(d, *bit);
    }
    return nullptr;
}

/// Called while all workers are awake: a searching worker gives its slot away, or the external caller gets an
/// additional slot.
HOCKET_COLD HOCKET_INLINE worker* scheduler::enter_crowded(std::uint32_t home) noexcept {
    if (somebody_searches()) {
        seats_wanted_.fetch_add(1, std::memory_order_relaxed);
        worker* context = nullptr;
        auto const wait_for_place = [&](time_cost longest) {
            ticks const deadline = now_ticks() + longest.in_ticks();
            while ((context = occupy_sleeper(home)) == nullptr && now_ticks() < deadline) spin_hint();
        };
        wait_for_place(costs::place_wait);
        bool const withdrawn = take_seat_request(); // else a worker parks for this request or another one
        if (context == nullptr && !withdrawn) wait_for_place(costs::parking_wait);
        if (context != nullptr) return context;
    }
    return take_extra(home / idle_set::workers, true);
}

HOCKET_INLINE void scheduler::leave_guest(worker& context) noexcept {
    context.deque.publish();
    bool const left_work = !context.deque.empty();
    if (context.bit >= idle_set::workers) {
        std::uint32_t const domain = context.domain;
        put_away(context);
        if (left_work) announce(domain);
        return;
    }
    idle_set::view const before = idle_[context.domain].vacate(context.bit);
    if (stays_warm()) wake_all_but(1);
    if (left_work || (before.parked_workers() == 0 && before.searching() == 0 && work_visible()))
        wake_searchers(context.domain, 1);
    if (!context.mail.empty()) announce_mail(context);
}

HOCKET_INLINE guest_scope::guest_scope(scheduler& pool, ticks hushed_until) : pool_(pool) {
    if (inside()) return;
    pool.require_this_process();
    enter(hushed_until);
}

HOCKET_INLINE guest_scope::guest_scope(scheduler& pool, lazily) : pool_(pool) {
    if (inside()) return;
    pool.require_this_process();
    if (this_context == nullptr && pending_guest == nullptr)
        pending_guest = this;
    else
        enter(0);
}

HOCKET_INLINE guest_scope::~guest_scope() {
    if (pending_guest == this) pending_guest = nullptr;
    if (context_ != nullptr) leave();
    if (innermost_guest == this) innermost_guest = outer_guest_;
}

HOCKET_INLINE bool guest_scope::runs_inside(scheduler const& pool) noexcept {
    if (pool_of_thread == &pool || (this_context != nullptr && this_context->sched == &pool)) return true;
    if (pending_guest != nullptr && &pending_guest->pool_ == &pool) return true;
    for (guest_scope const* one = innermost_guest; one != nullptr; one = one->outer_guest_)
        if (&one->pool_ == &pool) return true;
    return false;
}

HOCKET_INLINE bool guest_scope::entered() noexcept {
    if (pending_guest == this) {
        pending_guest = nullptr;
        enter(0);
    }
    return !crowded_;
}

HOCKET_COLD HOCKET_INLINE void guest_scope::enter(ticks hushed_until) noexcept {
    outer_guest_ = std::exchange(innermost_guest, this);
    context_ = pool_.enter_guest(last_rank);
    if (context_ == nullptr) {
        crowded_ = true;
        return;
    }
    if (context_->bit < idle_set::workers) last_rank = context_->rank;
    outer_context_ = this_context;
    outer_top_ = task_top;
    if (outer_context_ != nullptr) leave_stack(*outer_context_);
    this_context = context_;
    context_->open_stack();
    context_->base = 0;
    context_->base_depth = 0;
    context_->tokens = hushed_until != 0 ? 0 : most_tokens(pool_);
    context_->grants = hushed_until != 0 ? pool_.size() - 1 : most_grants(pool_);
    context_->owes_wake = false;
    context_->job = ++context_->jobs;
    context_->wake_after = hushed_until;
}

HOCKET_COLD HOCKET_INLINE void guest_scope::leave() noexcept {
    context_->requests.close(!pool_.in_this_process());
    this_context = outer_context_;
    task_top = outer_top_;
    if (outer_context_ != nullptr) outer_context_->open_requests(steal_request::again);
    pool_.leave_guest(*context_);
}

HOCKET_INLINE scheduler* enclosing_scheduler() noexcept {
    if (this_context != nullptr) return this_context->sched;
    if (pending_guest == nullptr) return nullptr;
    scheduler& pool = pending_guest->pool();
    (void)pending_guest->entered();
    return &pool;
}

HOCKET_INLINE root_scope::root_scope(scheduler& pool, root_cost& cost)
    : pool_(pool),
      cost_(cost),
      start_(now_ticks()),
      guest_(pool, cost.short_ones.load(std::memory_order_relaxed) >= convincing && pool.watch().is_kept()
                       ? start_ + costs::job_worth_waking.in_ticks()
                       : 0) {}

HOCKET_INLINE root_scope::~root_scope() {
    std::uint32_t const before = cost_.short_ones.load(std::memory_order_relaxed);
    std::uint32_t const now = now_ticks() - start_ >= costs::job_worth_waking.in_ticks() ? 0
                              : before < convincing                                      ? before + 1
                                                                                         : before;
    if (now != before) cost_.short_ones.store(now, std::memory_order_relaxed);
    if (now == convincing && pool_.size() > 1) pool_.watch().note_short_job();
}

} // namespace
