// SPDX-License-Identifier: MIT
// The bodies of the functions that scheduler.hpp declares.
#pragma once

#include <hocket/sched/scheduler.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::uint32_t scheduler::pins_refused() const noexcept {
    if (threads_.host != nullptr) return 0;
    while (pins_tried_.load(std::memory_order_acquire) < size_ && in_this_process()) // <- scheduler.pinned
        sleep_for(50'000);
    return pins_refused_.load(std::memory_order_relaxed);
}

HOCKET_INLINE void scheduler::announce(std::uint32_t domain, std::uint32_t enough) noexcept {
    idle_set::publication_fence();
    idle_set::view const now = idle_[domain].look();
    if ((domains_ == 1 && now.searching() >= enough) || offers_no_core(now)) return;
    wake_searchers(domain, enough);
}

HOCKET_INLINE void scheduler::announce_update(std::uint32_t domain) noexcept {
    idle_set::publication_fence_after_update();
    idle_set::view const now = idle_[domain].look();
    if ((domains_ == 1 && now.searching() != 0) || offers_no_core(now)) return;
    wake_searchers(domain, 1);
}

HOCKET_INLINE void scheduler::announce_mailbox(worker& target) noexcept {
    idle_set::publication_fence_after_update();
    if (idle_[target.domain].claim(target.bit))
        hand_token(target);
    else if (target.has_orphaned_mailbox())
        wake_searchers(target.domain, 1);
}

HOCKET_INLINE bool scheduler::somebody_searches() const noexcept {
    for (std::uint32_t d = 0; d < domains_; ++d)
        if (idle_[d].look().searching() != 0) return true;
    return false;
}

HOCKET_INLINE void scheduler::hurry(bool yes) noexcept {
    hurries_.fetch_add(yes ? 1u : ~0u, std::memory_order_relaxed);
    if (stays_warm()) wake_all_but(1);
}

HOCKET_INLINE void scheduler::finish_batch(worker& me) noexcept {
    latch* const group = me.batch_of;
    me.batch_of = nullptr;
    if (group == nullptr) return;
    if (std::uint32_t const told = group->finish(me.batch); told != 0) wake_waiters_of(group, told);
    me.batch = 0;
}

HOCKET_INLINE std::optional<std::uint32_t> scheduler::rank_here() const noexcept {
    if (rank_of_pu_.empty()) return std::nullopt;
    std::optional<unsigned> const pu = pu_of_calling_thread();
    if (!pu || *pu >= rank_of_pu_.size() || rank_of_pu_[*pu] >= size_) return std::nullopt;
    return rank_of_pu_[*pu];
}

HOCKET_INLINE std::uint32_t scheduler::workers_in(std::uint32_t domain) const noexcept {
    std::uint32_t const left = size_ - domain * idle_set::workers;
    return left < idle_set::workers ? left : idle_set::workers;
}

HOCKET_INLINE idle_bit scheduler::bit_here(std::uint32_t domain) const noexcept {
    std::optional<std::uint32_t> const rank = rank_here();
    return rank && *rank / idle_set::workers == domain ? *rank % idle_set::workers : idle_set::no_worker;
}

HOCKET_COLD HOCKET_INLINE void scheduler::throw_forked() {
    throw std::logic_error(
        "hocket: this thread_pool was made before fork(), and its threads do not exist in the child; "
        "make a pool in the child, or use default_pool(), which makes a fresh one");
}

HOCKET_INLINE void scheduler::hand_token(worker& sleeper) noexcept {
    tokens_.fetch_add(1, std::memory_order_release); // scheduler.token ->
    if (threads_.host != nullptr) [[unlikely]]
        return give_turn(sleeper);
    sleeper.idle_parker.wake();
}

HOCKET_INLINE std::uint64_t scheduler::new_id() noexcept {
    static constinit atomic<std::uint64_t> made{0};
    return made.fetch_add(1, std::memory_order_relaxed);
}

HOCKET_NOINLINE HOCKET_INLINE bool scheduler::keeps_open() const noexcept {
    std::uint32_t const count = worker_slots();
    for (std::uint32_t i = 0; i < count; ++i)
        if (worker_slot(i)->kept.is_open()) return true;
    return false;
}

HOCKET_NOINLINE HOCKET_INLINE bool scheduler::queued_work_visible() const noexcept {
    for (injector const& tasks : injectors_)
        if (!tasks.empty()) return true;
    std::uint32_t const count = worker_slots();
    for (std::uint32_t i = 0; i < count; ++i) {
        worker const& other = *worker_slot(i);
        if (!other.deque.empty() || !other.taken.empty() || other.has_orphaned_mailbox()) return true;
        public_window const window = other.window();
        for (std::uint32_t s = window.first; s < window.last; ++s)
            if (slot_word::is_public(other.stack[s].state.load(std::memory_order_relaxed))) return true;
        std::uint32_t const loops = other.open_loops.load(std::memory_order_acquire); // <- loop.open
        for (std::uint32_t l = 0; l < loops; ++l)
            if (other.loops[l].units_left(0)) return true;
    }
    return false;
}

/// Whether one thread too many runs, and the caller is the one that stops running.
HOCKET_INLINE bool scheduler::take_core_request() noexcept {
    std::uint32_t count = cores_wanted_.load(std::memory_order_relaxed);
    while (count != 0)
        if (cores_wanted_.compare_exchange_weak(count, count - 1, std::memory_order_relaxed)) return true;
    return false;
}

HOCKET_INLINE void scheduler::release_core(worker& me) noexcept {
    if (me.times_released++ != 0) return; // a wait within `blocking`
    if (threads_.host != nullptr) me.host_core = threads_.host->release_core();
    me.leave_place(); // before the fence that follows
    if (me.counts_as_awake &&
        !take_core_request()) // else the caller takes the core request, and its core is not released
        idle_[me.domain].release_core();
    else
        idle_set::publication_fence();
    if (work_visible() || (idle_[me.domain].look().nobody_looks() && publish_for_busy(me.domain, &me)))
        wake_searchers(me.domain, 1);
}

HOCKET_INLINE void scheduler::reacquire_core(worker& me) noexcept {
    if (--me.times_released != 0) { // an outer scope still has it released; but the wake-up set `presence` to `here`
        me.leave_place();
        idle_set::publication_fence();
        if (me.has_orphaned_mailbox()) wake_searchers(me.domain, 1);
        return;
    }
    if (me.host_core != nullptr) threads_.host->reacquire_core(std::exchange(me.host_core, nullptr));
    me.return_to_place();
    if (me.counts_as_awake && !idle_[me.domain].reacquire_core()) cores_wanted_.fetch_add(1, std::memory_order_relaxed);
    note_busy();
}

HOCKET_INLINE bool scheduler::start_thread(worker& slot) noexcept {
    if (threads_.host != nullptr) return true; // threads of the host come by turns
    os_lock const lock(slots_mutex_);
    return slot.thread.start(&run_thread, &slot, threads_.stack_size);
}

} // namespace
