// SPDX-License-Identifier: MIT
// The bodies of the functions that search.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/search/search.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void search::run() noexcept {
    for (;;) {
        flush_trace();
        std::uint64_t const since = trace_begin();
        if (is_compensation() || !sched_.keep_watch(me_, short_jobs_)) sleep_parked();
        trace_end("parked", "idle", since);
        me_.counts.wakes.add();
        me_.open_stack();
        woken_ = true;
        if (!search_until_idle()) return me_.requests.close();
    }
}

HOCKET_INLINE void search::sleep_parked() noexcept {
    if (serial_turns::has_timers()) [[unlikely]]
        return sleep_beside_timers();
    if (!sleep_beside_slabs([this](long long nanoseconds) { return me_.idle_parker.sleep_for(nanoseconds); }))
        me_.idle_parker.sleep();
}

HOCKET_COLD HOCKET_INLINE void search::sleep_beside_timers() noexcept {
    constexpr long long a_millisecond = costs::serving_sleep.nanoseconds;
    bool fired = false;
    while (!me_.idle_parker.sleep_for(fired ? 0 : a_millisecond)) {
        worker* const parked = std::exchange(this_slot, nullptr); // another thread may take the worker slot
        task_slot* const top = task_top.load(std::memory_order_relaxed);
        task_top.store(nullptr, std::memory_order_relaxed);
        fired = serial_turns::fire_due();
        this_slot = parked;
        task_top.store(top, std::memory_order_relaxed);
    }
}

HOCKET_INLINE bool search::search_until_idle() noexcept {
    idle_since_ = now_ticks();
    me_.doing.begin("looks for work", idle_since_);
    for (unsigned round = 1;; ++round) {
        if (is_compensation() && !stopping() && core_is_wanted() && !takes_errand() && sched_.take_core_request()) {
            return park_compensation(false);
        }
        if (is_compensation() && !keep_place()) continue;
        if (is_compensation() && is_on_errand()) {
            if (run_urgent() || !hand_back()) continue;
            return park_compensation(false);
        }
        if (run_something()) {
            idle_since_ = now_ticks();
            me_.doing.begin("looks for work", idle_since_);
            round = 0;
            if (sched_.gives_way(begun_)) return end_turn();
            continue;
        }
        if (stopping() && !sched_.work_visible()) return false;
        if (!is_compensation() && sched_.take_slot_request()) {
            if (park(true)) return true;
            continue;
        }
        outside_work* const outside = sched_.outside_work_.load(std::memory_order_acquire); // <- scheduler.outside_work
        if (outside != nullptr && outside->poll()) continue;
        spin_hint();
        if ((round % 32 == 0 || outside != nullptr) && is_idle_since(idle_since_)) {
            if (park()) return true;
            idle_since_ = now_ticks();
            me_.doing.begin("looks for work", idle_since_);
        }
    }
}

HOCKET_INLINE bool search::is_idle_since(ticks then) noexcept {
    bool const idle =
        sched_.hurries_.load(std::memory_order_relaxed) != 0 || now_ticks() - then > costs::search_grace.in_ticks();
    if (!idle || !sched_.stays_warm()) return idle;
    looked_ = now_ticks();
    if (sched_.warm_look_is_due(looked_)) (void)sched_.publish_for_busy(me_.domain, &me_);
    yield_core(); // there may be more workers than cores
    return false;
}

HOCKET_NOINLINE HOCKET_INLINE bool search::park(bool for_external) noexcept {
    if (is_compensation()) return park_compensation(true);
    me_.requests.close();
    me_.counts.parks.add();
    bool const sleeps = try_to_park(for_external); // from here on an external thread may have the worker slot
    if (sleeps) return true;
    me_.counts.parks.take_back();
    me_.open_requests(steal_request::asked);
    return false;
}

HOCKET_INLINE bool search::try_to_park(bool for_external) noexcept {
    me_.idle_parker.reset();
    me_.doing.begin("sleeps");
    idle().park(me_.bit);
    if (stopping()) return !idle().cancel_park(me_.bit);
    if (!sched_.queued_work_visible() && me_.mailbox.empty() && !has_to_watch() &&
        (for_external || !sched_.stays_warm()) && !finds_unpublished())
        return true;
    if (idle().cancel_park(me_.bit)) return false;
    sched_.wake_searchers(me_.domain, 1); // publishers may have relied on this thread
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE bool search::park_compensation(bool give_core_back) noexcept {
    me_.requests.close();
    me_.idle_parker.reset();
    me_.counts.parks.add();
    me_.doing.begin("sleeps");
    leave_place();
    sched_.put_away(me_);
    idle().leave_search(give_core_back);
    if (sched_.stopping_.load(std::memory_order_acquire)) // <- scheduler.stopping
        me_.idle_parker.wake(); // it looks once more, and ends; an external thread may have had the worker slot
    else if (sched_.work_visible() || finds_unpublished())
        sched_.wake_searchers(me_.domain, 1);
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE bool search::run_something() noexcept {
    bool const items_first = std::exchange(me_.prefers_items, false);
    if (sched_.has_overdue() && run_overdue()) return true;
    if (run_queued()) return true;
    if (!items_first && last_loop_ != nullptr && last_loop_->stripes[me_.rank].word.left() != 0)
        return help_loop(*last_loop_);
    if (run_oldest()) return true;
    finding const best = look_around(items_first);
    if (best.loop != nullptr) return help_loop(*best.loop);
    if (best.mailbox) return run_mailbox_of(*best.victim);
    if (best.deque) return steal_items(*best.victim);
    if (best.kept) return hand_out_stuck(best.victim->kept);
    if (best.victim != nullptr) return steal(best);
    return run_low();
}

HOCKET_INLINE bool search::run_queued() noexcept {
    work_item* item = turns_.next();
    if (item == nullptr) return false;
    found_work();
    run_items(item);
    idle().begin_search();
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE void search::run_items(work_item* item) noexcept {
    void const* scope = item->scope;
    turns_.begin();
    for (std::uint32_t done = 1;; ++done) {
        {
            job_scope const job(me_, 0);
            me_.counts.tasks.add();
            run_item(*item);
        }
        item = nullptr;
        if ((is_compensation() && (core_is_wanted() || !me_.stands_in())) ||
            (done % 64 == 0 && sched_.gives_way(begun_))) {
            me_.deque.publish();
            return sched_.finish_batch(me_);
        }
        item = turns_.next_after_one();
        if (item == nullptr || item->scope != scope) sched_.finish_batch(me_);
        if (item == nullptr) return;
        scope = item->scope;
    }
}

HOCKET_COLD HOCKET_INLINE bool search::takes_errand() noexcept {
    if (me_.stands_in()) return is_on_errand();
    for (std::uint32_t i = 0; i < sched_.size_; ++i) {
        worker& place = *sched_.worker_slot(i);
        if (place.errand.load(std::memory_order_relaxed) == 0 || !take_place(place)) continue;
        placeless_since_ = 0;
        return true;
    }
    return false;
}

HOCKET_INLINE bool search::run_oldest() noexcept {
    work_item* items[turns::most_at_once];
    return run_taken(items, turns_.take_oldest(items));
}

HOCKET_COLD HOCKET_INLINE bool search::run_overdue() noexcept {
    work_item* item = sched_.take_overdue();
    if (item != nullptr) return run_taken(&item, 1);
    worker* const holder = sched_.take_overdue_share();
    return holder != nullptr && run_share_of(*holder);
}

HOCKET_COLD HOCKET_INLINE bool search::run_share_of(worker& holder) noexcept {
    std::uint32_t const loops = holder.open_loops.load(std::memory_order_acquire); // <- loop.open
    for (std::uint32_t l = 0; l < loops; ++l) {
        loop_ticket const ticket = claim_share(holder.loops[l], me_.rank);
        if (!ticket) continue;
        found_work();
        {
            job_scope const job(me_, 1);
            run_one_claim(holder.loops[l], ticket);
        }
        idle().begin_search();
        return true;
    }
    public_window const window = holder.window();
    for (std::uint32_t s = window.first; s < window.last; ++s)
        if (steal({nullptr, &holder, s, window.depth + (s - window.first)})) return true;
    return false;
}

HOCKET_INLINE bool search::run_low() noexcept {
    work_item* item = nullptr;
    return run_taken(&item, sched_.tasks(priority::low).take(&item, 1));
}

HOCKET_INLINE bool search::steal_items(worker& victim) noexcept {
    work_item* items[turns::most_at_once];
    return run_taken(items, turns_.take_from(victim, items));
}

HOCKET_NOINLINE HOCKET_INLINE bool search::run_taken(work_item** items, std::uint32_t count) noexcept {
    if (count == 0) return false;
    turns_.keep(items, count);
    found_work();
    run_items(items[0]);
    idle().begin_search();
    return true;
}

HOCKET_COLD HOCKET_INLINE bool search::run_mailbox_of(worker& absent) noexcept {
    work_item* item = nullptr;
    if (!take_place(absent)) return false;
    bool const found = absent.mailbox.take(&item, 1) != 0;
    if (found) {
        if (!is_compensation()) me_.leave_own_place(); // the item may wait for one that comes there
        found_work();
        {
            job_scope const job(me_, 0);
            me_.counts.tasks.add();
            run_item(*item);
        }
        sched_.finish_batch(me_);
        idle().begin_search();
        if (!is_compensation()) me_.presence.store(worker::here, std::memory_order_relaxed);
    }
    if (std::uint32_t const number = absent.errand.load(std::memory_order_relaxed); number != 0)
        sched_.worker_slot(number - 1)->wait_parker.wake();
    leave_place();
    return found;
}

HOCKET_INLINE bool search::keep_place() noexcept {
    if (me_.stands_in() || takes_errand()) return true;
    for (std::uint32_t i = 0; i < sched_.size_; ++i)
        if (take_place(*sched_.worker_slot(i))) {
            placeless_since_ = 0;
            return true;
        }
    ticks const now = now_ticks();
    if (placeless_since_ == 0) placeless_since_ = now;
    spin_hint();
    return now - placeless_since_ > costs::search_grace.in_ticks();
}

HOCKET_NOINLINE HOCKET_INLINE bool search::take_place(worker& absent) noexcept {
    std::uint32_t const before = me_.rank;
    if (!me_.stand_in_for(absent)) return false;
    pin_to_place(before);
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE void search::leave_place() noexcept {
    if (me_.stands_for == nullptr) return;
    me_.give_up_place();
    me_.stands_for = nullptr;
    if (is_compensation()) return;
    std::uint32_t const before = std::exchange(me_.rank, me_.id);
    pin_to_place(before);
}

HOCKET_COLD HOCKET_INLINE void search::pin_to_place(std::uint32_t before) const noexcept {
    if (me_.rank != before) (void)pin_this_thread(machine(), sched_.places_.workers[me_.rank]);
}

HOCKET_NOINLINE HOCKET_INLINE bool search::steal(finding const& from) noexcept {
    task_slot& slot = from.victim->stack[from.slot];
    task_type const* const type = slot.steal(me_.id, me_.height());
    if (type == nullptr) return false;
    from.victim->request_steal();
    found_work();
    run_stolen(me_, *from.victim, slot, *type, from.depth + 1);
    idle().begin_search();
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE bool search::help_loop(loop_record& loop) noexcept {
    prefetch_for_write(&loop.stripes[me_.rank]);
    loop_ticket ticket = claim_share(loop, me_.rank);
    if (!ticket) return false;
    last_loop_ = &loop;
    found_work();
    {
        job_scope const job(me_, 1);
        help_with_loop(me_, loop, ticket);
    }
    idle().begin_search();
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE void search::found_work() noexcept {
    me_.doing.begin("runs work", idle_since_ > looked_ ? idle_since_ : looked_); // a moment before it found the work
    if (me_.out_of_stock.load(std::memory_order_relaxed))                        // of a job that has ended
        me_.out_of_stock.store(false, std::memory_order_relaxed);
    bool const was_last = idle().end_search();
    bool const was_woken = std::exchange(woken_, false);
    if (was_woken)
        sched_.wake_two_for_rest(me_.domain);
    else if (was_last)
        sched_.wake_for_rest(me_.domain);
    if (was_last) sched_.note_busy();
}

HOCKET_NOINLINE HOCKET_INLINE auto search::look_around(bool items_first) noexcept -> finding {
    finding best;
    std::uint32_t best_score = ~std::uint32_t{0};
    ticks now = 0;
    worker* keeps = nullptr;
    std::uint32_t const count = sched_.worker_slots();
    bool const is_large = count > large_pool;
    bool has_task = false; // has found a task to steal, and the pool is large
    std::uint32_t at = is_large ? looked_at_ : me_.id;
    for (std::uint32_t left = count; left != 0; --left) {
        if (has_task && left > most_looked_at_after) left = most_looked_at_after;
        looked_at_ = at = at + 1 < count ? at + 1 : 0;
        worker& other = *sched_.worker_slot(at);
        if (&other == &me_) continue;
        std::uint32_t const distance = other.domain == me_.domain ? 0 : 2;
        std::uint32_t const loops = other.open_loops.load(std::memory_order_acquire); // <- loop.open
        for (std::uint32_t l = 0; l < loops && distance < best_score; ++l) {
            if (!other.loops[l].units_left(me_.rank)) continue;
            best = {&other.loops[l], &other, 0, 0};
            best_score = distance;
        }
        if ((distance < best_score || items_first) && !(other.taken.empty() && other.deque.empty())) {
            best = {nullptr, &other, 0, 0, true};
            best_score = items_first ? 0 : distance;
        }
        if (other.has_orphaned_mailbox()) return {nullptr, &other, 0, 0, false, true};
        if (other.kept.is_open() && other.kept.is_stuck(now_ticks(), costs::short_call.in_ticks())) keeps = &other;
        public_window const window = other.window();
        bool exposes_one = false;
        for (std::uint32_t s = window.first; s < window.last && !exposes_one; ++s) {
            if (!slot_word::is_public(other.stack[s].state.load(std::memory_order_relaxed))) continue;
            exposes_one = true;
            std::uint32_t const depth = window.depth + (s - window.first);
            if (depth + distance >= best_score) continue;
            best = {nullptr, &other, s, depth};
            best_score = depth + distance;
            has_task = is_large;
        }
        if (exposes_one || has_task) continue;
        if (now == 0) now = now_ticks();
        other.request_steal_again(now);
    }
    if (best_score == ~std::uint32_t{0} && keeps != nullptr) return {nullptr, keeps, 0, 0, false, false, true};
    return best;
}

} // namespace
