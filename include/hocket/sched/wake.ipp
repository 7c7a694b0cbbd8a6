// SPDX-License-Identifier: MIT
// The bodies of the functions that wake.hpp declares.
#pragma once

#include <hocket/sched/wake.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE std::uint32_t scheduler::idle_threads(std::uint32_t domain, bool others,
                                                                    std::uint32_t enough) const noexcept {
    std::uint64_t count = 0;
    std::uint32_t const sets = others ? domains_ : 1;
    for (std::uint32_t i = 0; i < sets && count < enough; ++i) {
        idle_set::view const now = idle_[domain + i < domains_ ? domain + i : domain + i - domains_].look();
        count += static_cast<std::uint64_t>(std::popcount(now.parked_workers())) + now.searching() + now.released();
    }
    return static_cast<std::uint32_t>(count);
}

HOCKET_NOINLINE HOCKET_INLINE void scheduler::wake_searchers(std::uint32_t domain, std::uint32_t enough) noexcept {
    for (std::uint32_t i = 0; i < domains_; ++i) {
        std::uint32_t const d = (domain + i) % domains_;
        bool compensation_wanted = false;
        if (idle_[d].look().searching() >= enough) return;
        if (auto const bit = idle_[d].claim_sleeper(enough, bit_here(d), compensation_wanted)) {
            hand_token(*at_bit(d, *bit));
            return;
        }
        if (compensation_wanted && start_compensation(d)) return;
    }
}

/// How many tasks are visible that no thread has begun. Approximate; it stops at `most`.
HOCKET_NOINLINE HOCKET_INLINE std::uint32_t scheduler::count_work(std::uint32_t most) const noexcept {
    std::uint64_t found = 0;
    for (injector const& tasks : injectors_) found += tasks.count_in_passing();
    std::uint32_t const count = worker_slots();
    for (std::uint32_t i = 0; i < count && found < most; ++i) {
        worker const& other = *worker_slot(i);
        found += other.deque.count() + other.taken.count() + other.has_orphaned_mailbox();
        public_window const window = other.window();
        for (std::uint32_t s = window.first; s < window.last && found < most; ++s)
            found += slot_word::is_public(other.stack[s].state.load(std::memory_order_relaxed));
        std::uint32_t const loops = other.open_loops.load(std::memory_order_acquire); // <- loop.open
        for (std::uint32_t l = 0; l < loops; ++l)
            for (std::uint32_t s = 0; s < other.loops[l].count && found < most; ++s)
                found += other.loops[l].stripes[s].word.left();
    }
    return found < most ? static_cast<std::uint32_t>(found) : most;
}

HOCKET_NOINLINE HOCKET_INLINE void scheduler::wake_for_rest(std::uint32_t domain) noexcept {
    std_atomics::full_fence(); // <- sleep.publish
    if (work_visible() || lacks_publications()) wake_searchers(domain, 1);
}

HOCKET_NOINLINE HOCKET_INLINE void scheduler::wake_two_for_rest(std::uint32_t domain) noexcept {
    constexpr std::uint32_t most_searchers = 8;
    std_atomics::full_fence(); // <- sleep.publish
    std::uint32_t const tasks = count_work(most_searchers);
    if (tasks > 1)
        for (int i = 0; i < 2; ++i) wake_searchers(domain, tasks);
    else if (tasks == 1 || work_visible() || lacks_publications()) // a count may miss work that `work_visible` sees
        wake_searchers(domain, 1);
}

HOCKET_INLINE bool scheduler::take_slot_request() noexcept {
    std::uint32_t count = slots_wanted_.load(std::memory_order_relaxed);
    while (count != 0)
        if (slots_wanted_.compare_exchange_weak(count, count - 1, std::memory_order_relaxed)) return true;
    return false;
}

HOCKET_NOINLINE HOCKET_INLINE std::uint32_t scheduler::sleeping_workers() const noexcept {
    std::uint32_t count = 0;
    for (std::uint32_t d = 0; d < domains_; ++d)
        count += static_cast<std::uint32_t>(std::popcount(idle_[d].look().parked_workers()));
    return count;
}

HOCKET_INLINE void scheduler::add_warm() noexcept {
    warm_.fetch_add(1, std::memory_order_relaxed);
    std_atomics::full_fence(); // sleep.publish ->
    wake_all_but(this_slot != nullptr && this_slot->sched == this ? 0 : 1);
}

/// Wakes workers until only `sleepers` sleep: one, whose worker slot is for an external caller, or none.
HOCKET_COLD HOCKET_INLINE void scheduler::wake_all_but(std::uint32_t sleepers) noexcept {
    for (std::uint32_t d = 0; d < domains_; ++d) {
        for (;;) {
            auto const asleep = static_cast<std::uint32_t>(std::popcount(idle_[d].look().parked_workers()));
            if (asleep <= sleepers) {
                sleepers -= asleep;
                break;
            }
            bool compensation_wanted = false;
            auto const bit = idle_[d].claim_sleeper(~std::uint64_t{0}, bit_here(d), compensation_wanted);
            if (bit) hand_token(*at_bit(d, *bit));
        }
    }
}

HOCKET_NOINLINE HOCKET_INLINE bool scheduler::keep_watch(worker& me, std::uint32_t& short_jobs) noexcept {
    std::uint32_t const seen = std::exchange(short_jobs, watch_.short_jobs());
    if (seen == short_jobs || stopping_.load(std::memory_order_relaxed) || !watch_.begin()) return false;
    for (bool kept = true, woken = false;;) {
        if (kept) woken = me.idle_parker.sleep_for(root_watch::interval);
        std::uint32_t const before = std::exchange(short_jobs, watch_.short_jobs());
        if (kept && (woken || before == short_jobs)) {
            watch_.end();
            kept = false;
        }
        if (woken) return true;
        if (queued_work_visible() || (idle_[me.domain].look().searching() == 0 && publish_for_busy(me.domain))) {
            // As if another thread had woken this one: a look that knows of the token sees that work too.
            tokens_.fetch_add(1, std::memory_order_release); // scheduler.token ->
            if (idle_[me.domain].cancel_park(me.bit)) {
                if (kept) watch_.end();
                return true;
            }
            wake_searchers(me.domain, 1); // an external caller has the worker slot, or the token is on its way
        }
        if (!kept) return false;
    }
}

} // namespace
