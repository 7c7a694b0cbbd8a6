// SPDX-License-Identifier: MIT
// The bodies of the functions that compensation.hpp declares.
#pragma once

#include <hocket/sched/compensation.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE worker* scheduler::add_slot(std::uint32_t rank, std::uint32_t domain, idle_bit bit) {
    std::uint32_t const id = slots_made_;
    worker* const slot = new worker(*this, id, rank, domain, bit);
    slot->next_owned = owned_.first;
    owned_.first = slot;
    worker_slots_[id].store(slot, std::memory_order_release); // worker_slots.made ->
    slots_made_ = id + 1;
    raise_slots(id + 1);
    return slot;
}

/// Returns a free worker slot: one whose thread sleeps if `with_thread`, one without a thread if not, else one of the
/// other kind. Prefers the lowest number, so that threads that look for work need not look far. The caller holds
/// slots_mutex_.
HOCKET_INLINE worker* scheduler::find_free(std::uint32_t domain, bool any_domain, bool with_thread) const noexcept {
    worker* second_best = nullptr;
    for (std::uint32_t id = lowest_free_; id < slots_made_; ++id) {
        worker* const one = worker_slot(id);
        if (!one->free || (one->domain != domain && !any_domain)) continue;
        if (one->thread.running() == with_thread) return one;
        if (second_best == nullptr) second_best = one;
    }
    return second_best;
}

/// Returns one more worker slot, for a compensation thread in this domain or for an external caller. Null when there
/// are too many, or no memory.
HOCKET_COLD HOCKET_INLINE worker* scheduler::take_extra(std::uint32_t domain, bool for_external) noexcept {
    os_lock const lock(slots_mutex_);
    worker* one = find_free(domain, for_external, !for_external);
    if (one == nullptr) {
        if (slots_made_ == worker_slots_.size()) return nullptr;
        std::uint32_t const rank = domain * idle_set::workers + slots_made_ % workers_in(domain);
        try {
            one = add_slot(rank, domain, idle_set::no_bit);
        } catch (...) {
            return nullptr;
        }
    }
    one->free = false;
    while (lowest_free_ < slots_made_ && !worker_slot(lowest_free_)->free) ++lowest_free_;
    one->counts_as_awake = !for_external;
    one->base = one->base_depth = one->lowest = 0;
    raise_slots(one->id + 1);
    return one;
}

/// Puts the worker slot among the free ones. What lies in its local deque stays visible. The caller looks for work
/// afterwards, or announces it.
HOCKET_COLD HOCKET_INLINE void scheduler::put_away(worker& extra) noexcept {
    os_lock const lock(slots_mutex_);
    extra.free = true;
    if (extra.id < lowest_free_) lowest_free_ = extra.id;
    std::uint32_t count = slot_count_.load(std::memory_order_relaxed);
    for (; count > size_; --count) {
        worker const& last = *worker_slot(count - 1);
        if (!last.free || !last.deque.empty() || !last.taken.empty()) break;
    }
    slot_count_.store(count, std::memory_order_release); // worker_slots.count ->
}

HOCKET_COLD HOCKET_INLINE bool scheduler::start_compensation(std::uint32_t domain) noexcept {
    if (stopping_.load(std::memory_order_relaxed)) return false;
    worker* const extra = take_extra(domain, false);
    if (extra == nullptr) return false;
    if (!idle_[domain].claim_released_core()) { // another thread took the core
        put_away(*extra);
        return false;
    }
    hand_token(*extra);
    if (extra->thread.running() || start_thread(*extra)) return true;
    put_away(*extra);
    idle_[domain].give_back_claimed_core();
    if (idle_[domain].look().parked_workers() != 0 && work_visible()) wake_searchers(domain, 1);
    return false;
}

/// Decides what happens when all threads wait: see README.md of this folder. Tries to start a thread first. If the pool
/// is stuck, `me` reacquires its core under the mutex, so no other thread finds the pool stuck at the same time.
HOCKET_COLD HOCKET_INLINE bool scheduler::stuck(worker& me, bool begins) noexcept {
    os_lock const lock(stuck_mutex_);
    bool result = work_visible();
    for (int round = 0; round < 2 && result; ++round) {
        if (round == 0) wake_searchers(0, 1);
        for (std::uint32_t d = 0; d < domains_; ++d) {
            idle_set::view const now = idle_[d].look();
            if (now.parked_workers() != 0 || now.searching() != 0 || now.released() < workers_in(d)) result = false;
        }
    }
    if (result || stuck_lookers_ == 0) was_stuck_.store(result, std::memory_order_relaxed);
    if (begins || (!result && stuck_lookers_ == 0)) stuck_since_ = 0;
    if (!result) return false;
    if (stuck_since_ == 0) stuck_since_ = now_ticks();
    ++stuck_lookers_;
    reacquire_core(me);
    return true;
}

HOCKET_COLD HOCKET_INLINE bool scheduler::is_crowded() const noexcept {
    for (std::uint32_t d = 0; d < domains_; ++d) {
        idle_set::view const now = idle_[d].look();
        if (now.parked_workers() != 0 || now.searching() != 0 || now.released() != 0) return false;
    }
    return true;
}

HOCKET_COLD HOCKET_INLINE bool scheduler::is_clogged() noexcept {
    ticks const now_is = now_ticks();
    ticks last = clogged_at_.load(std::memory_order_relaxed);
    ticks const window = static_cast<ticks>(nanoseconds_until_clogged() / 1000) * ticks_per_microsecond();
    return is_crowded() && now_is - last >= window && work_visible() &&
           clogged_at_.compare_exchange_strong(last, now_is, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE long long scheduler::cpu_nanoseconds() noexcept {
    if (threads_.host != nullptr) return process_cpu_nanoseconds(); // others use the same threads
    os_lock const lock(slots_mutex_);
    long long used = 0;
    for (worker const* one = owned_.first; one != nullptr; one = one->next_owned)
        if (one->thread.running()) used += one->thread.cpu_nanoseconds();
    return used;
}

HOCKET_COLD HOCKET_INLINE void scheduler::add_core(std::uint32_t domain) noexcept {
    idle_[domain].release_core();
    wake_searchers(domain, 1);
}

HOCKET_COLD HOCKET_INLINE void scheduler::drop_core(std::uint32_t domain) noexcept {
    if (!idle_[domain].reacquire_core()) cores_wanted_.fetch_add(1, std::memory_order_relaxed);
}

/// With many waiting threads, each of them looks more rarely.
HOCKET_INLINE long long scheduler::nanoseconds_until_clogged() const noexcept {
    long long const patience = static_cast<long long>(patience_) * 1000;
    return (patience < 1'000'000'000 ? patience : 1'000'000'000) * (1 + worker_slots() / 64);
}

/// Whether a wait is abandoned now that the pool is stuck. It must have been stuck for long, since an external thread
/// may still end a wait; but directly after one abandoned wait follows the next. If not, releases the core of `me`
/// again under the mutex, so that no other thread takes this look for the end of the stuck state.
HOCKET_COLD HOCKET_INLINE bool scheduler::end_look(worker& me, bool helped, bool may_give_up) noexcept {
    os_lock const lock(stuck_mutex_);
    --stuck_lookers_;
    if (helped) {
        stuck_since_ = 0;
        return false;
    }
    ticks const now = now_ticks();
    bool const long_enough = stuck_since_ != 0 && now - stuck_since_ >= patience_ * ticks_per_microsecond();
    if (may_give_up && (long_enough || gave_up_lately())) {
        gave_up_at_.store(now, std::memory_order_relaxed);
        return true;
    }
    release_core(me);
    return false;
}

HOCKET_INLINE bool scheduler::gave_up_lately() const noexcept {
    ticks const then = gave_up_at_.load(std::memory_order_relaxed);
    return then != 0 && now_ticks() - then < 1'000'000 * ticks_per_microsecond();
}

HOCKET_INLINE long long scheduler::nanoseconds_until_stuck() const noexcept {
    long long const crowd = worker_slots();
    if (was_stuck() || gave_up_lately()) return 1'000'000 * (1 + crowd / 4);
    long long const usual = patience_ < 500'000 ? static_cast<long long>(patience_) * 1000 : 500'000'000;
    return usual * (1 + crowd / 64);
}

} // namespace
