// SPDX-License-Identifier: MIT
// The bodies of the functions that pool_entry.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/pool_entry.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE worker* scheduler::enter_external(std::uint32_t last_rank) noexcept {
    std::optional<std::uint32_t> const here = rank_here();
    std::uint32_t const home = here ? *here : last_rank < size_ ? last_rank : 0;
    worker* const sleeper = occupy_sleeper(home);
    worker* const slot = sleeper != nullptr ? sleeper : enter_crowded(home);
    note_busy();
    return slot;
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
        slots_wanted_.fetch_add(1, std::memory_order_relaxed);
        worker* slot = nullptr;
        auto const wait_for_place = [&](time_cost longest) {
            ticks const deadline = now_ticks() + longest.in_ticks();
            while ((slot = occupy_sleeper(home)) == nullptr && now_ticks() < deadline) spin_hint();
        };
        wait_for_place(costs::place_wait);
        bool const withdrawn = take_slot_request(); // else a worker parks for this request or another one
        if (slot == nullptr && !withdrawn) wait_for_place(costs::parking_wait);
        if (slot != nullptr) return slot;
    }
    return take_extra(home / idle_set::workers, true);
}

HOCKET_INLINE void scheduler::leave_external(worker& slot) noexcept {
    slot.deque.publish();
    bool const left_work = !slot.deque.empty();
    if (slot.bit >= idle_set::workers) {
        std::uint32_t const domain = slot.domain;
        put_away(slot);
        if (left_work) announce(domain);
        return;
    }
    idle_set::view const before = idle_[slot.domain].vacate(slot.bit);
    if (stays_warm()) wake_all_but(1);
    bool const may_be_missed = before.parked_workers() == 0 && (before.searching() == 0 || domains_ != 1);
    bool const nobody_looks = before.nobody_looks() && !left_work;
    if (left_work || (may_be_missed && work_visible()) || (nobody_looks && publish_for_busy(slot.domain)))
        wake_searchers(slot.domain, 1);
    if (!slot.mailbox.empty()) announce_mailbox(slot);
}

HOCKET_INLINE pool_entry::pool_entry(scheduler& pool, ticks hushed_until) : pool_(pool) {
    if (inside()) return;
    pool.require_this_process();
    enter(hushed_until);
}

HOCKET_INLINE pool_entry::pool_entry(scheduler& pool, lazily) : pool_(pool) {
    if (inside()) return;
    pool.require_this_process();
    if (this_slot == nullptr && pending_entry == nullptr)
        pending_entry = this;
    else
        enter(0);
}

HOCKET_INLINE pool_entry::~pool_entry() {
    if (pending_entry == this) pending_entry = nullptr;
    if (slot_ != nullptr) leave();
    if (innermost_entry == this) innermost_entry = outer_entry_;
}

HOCKET_INLINE bool pool_entry::runs_inside(scheduler const& pool) noexcept {
    if (pool_of_thread == &pool || (this_slot != nullptr && this_slot->sched == &pool)) return true;
    if (pending_entry != nullptr && &pending_entry->pool_ == &pool) return true;
    for (pool_entry const* one = innermost_entry; one != nullptr; one = one->outer_entry_)
        if (&one->pool_ == &pool) return true;
    return false;
}

HOCKET_INLINE bool pool_entry::entered() noexcept {
    if (pending_entry == this) {
        pending_entry = nullptr;
        enter(0);
    }
    return !crowded_;
}

HOCKET_COLD HOCKET_INLINE void pool_entry::enter(ticks hushed_until) noexcept {
    outer_entry_ = std::exchange(innermost_entry, this);
    slot_ = pool_.enter_external(last_rank);
    if (slot_ == nullptr) {
        crowded_ = true;
        return;
    }
    if (slot_->bit < idle_set::workers) last_rank = slot_->rank;
    outer_slot_ = this_slot;
    outer_top_ = task_top.load(std::memory_order_relaxed);
    if (outer_slot_ != nullptr) leave_stack(*outer_slot_);
    this_slot = slot_;
    slot_->open_stack();
    slot_->doing.begin("runs a call from outside of the pool");
    slot_->base = 0;
    slot_->base_depth = 0;
    slot_->tokens = hushed_until != 0 ? 0 : most_tokens(pool_);
    slot_->grants = hushed_until != 0 ? pool_.size() - 1 : most_grants(pool_);
    slot_->owes_wake = false;
    slot_->job = ++slot_->jobs;
    slot_->wake_after = hushed_until;
}

HOCKET_COLD HOCKET_INLINE void pool_entry::leave() noexcept {
    slot_->requests.close(!pool_.in_this_process());
    slot_->doing.begin("sleeps", 0);
    this_slot = outer_slot_;
    task_top.store(outer_top_, std::memory_order_relaxed);
    if (outer_slot_ != nullptr) outer_slot_->open_requests(steal_request::again);
    pool_.leave_external(*slot_);
}

HOCKET_INLINE scheduler* enclosing_scheduler() noexcept {
    if (this_slot != nullptr) return this_slot->sched;
    if (pending_entry == nullptr) return nullptr;
    scheduler& pool = pending_entry->pool();
    (void)pending_entry->entered();
    return &pool;
}

HOCKET_INLINE root_scope::root_scope(scheduler& pool, root_cost& cost)
    : pool_(pool),
      cost_(cost),
      start_(now_ticks()),
      entry_(pool, cost.short_ones.load(std::memory_order_relaxed) >= convincing && pool.watch().is_kept()
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
