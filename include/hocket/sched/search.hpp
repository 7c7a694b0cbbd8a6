// SPDX-License-Identifier: MIT
// The life of a pool's thread, floor 3: sleep until woken, search, run what was found, search again, and after a short
// linger park. Victims are chosen by load: the task that lies nearest to the root of its job is the largest, and a step of
// distance counts like a step of depth (scheduler.md has the simulations; Gast and Gaujal 2010 for the principle).
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/sched/loop.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <utility>

namespace hocket::detail {

/// How long an idle thread searches before it parks.
inline constexpr unsigned linger_microseconds = 50;

class search {
  public:
    explicit search(worker& me) noexcept : me_(me), sched_(*me.sched) {}

    /// Until the pool ends.
    void run() noexcept {
        for (;;) {
            flush_trace();
            std::uint64_t const since = trace_begin();
            me_.idle_parker.sleep();
            trace_end("parked", "idle", since);
            if (!search_until_idle()) return;
        }
    }

    /// The destructor, after the threads have ended: what came too late for them, such as mail from the last task.
    void run_rest() noexcept {
        worker* const outer = std::exchange(this_context, &me_);
        task_slot* const outer_top = std::exchange(task_top, me_.stack.data());
        task_slot* const outer_split = std::exchange(task_split, me_.stack.data());
        idle().begin_search();
        while (run_something()) {
        }
        this_context = outer;
        task_top = outer_top;
        task_split = outer_split;
    }

  private:
    struct finding {
        loop_record* loop = nullptr;
        worker* victim = nullptr;
        std::uint32_t slot = 0;
        std::uint32_t depth = 0;
        bool lane = false;
        bool mail = false;
    };

    bool is_spare() const noexcept { return me_.bit >= idle_set::workers; }
    idle_set& idle() noexcept { return sched_.idle_[me_.domain]; }

    /// Counts as searching when it begins. False when the pool ends.
    bool search_until_idle() noexcept {
        ticks idle_since = now_ticks();
        for (unsigned round = 1;; ++round) {
            if (is_spare() && !stopping() && take_recall()) {
                if (park(false)) return true;
                idle_since = now_ticks();
                continue;
            }
            if (is_spare() && !keep_place()) continue;
            if (run_something()) {
                idle_since = now_ticks();
                round = 0;
                continue;
            }
            if (stopping() && !sched_.work_visible()) return false;
            if (sched_.seats_wanted_.load(std::memory_order_relaxed) != 0 && !is_spare()) {
                if (park(false)) return true;
                continue;
            }
            spin_hint();
            if (round % 32 == 0 && is_idle_since(idle_since)) {
                if (park(is_spare())) return true;
                idle_since = now_ticks();
            }
        }
    }

    /// Whether it is time to park.
    bool is_idle_since(ticks then) const noexcept {
        if (sched_.ending_.load(std::memory_order_relaxed)) return true;
        return sched_.warm_.load(std::memory_order_relaxed) == 0 &&
               now_ticks() - then > linger_microseconds * ticks_per_microsecond();
    }

    /// Whether this spare runs on a core whose worker came back.
    bool take_recall() noexcept {
        std::uint32_t count = sched_.recalled_.load(std::memory_order_relaxed);
        while (count != 0)
            if (sched_.recalled_.compare_exchange_weak(count, count - 1, std::memory_order_relaxed)) return true;
        return false;
    }

    /// True when the thread is to sleep now; false when there is something to do after all and it searches on.
    HOCKET_NOINLINE bool park(bool give_core_back) noexcept {
        me_.idle_parker.reset();
        if (is_spare()) leave_place();
        idle().park(me_.bit, give_core_back);
        if (stopping()) return !idle().cancel_park(me_.bit, false);
        if (!sched_.work_visible() && (is_spare() || me_.mail.empty())) return true;
        if ((give_core_back || !is_spare()) && idle().cancel_park(me_.bit, give_core_back)) return false;
        sched_.wake_somebody(me_.domain, 1); // publishers may have relied on this thread
        return true;
    }

    bool stopping() const noexcept { return sched_.stopping_.load(std::memory_order_relaxed); }

    HOCKET_NOINLINE bool run_something() noexcept {
        if (run_queued()) return true;
        if (last_loop_ != nullptr && last_loop_->stripes[me_.rank].word.left() != 0) return help_loop(*last_loop_);
        if (run_batch(sched_.tasks(urgency::normal))) return true;
        finding const best = look_around();
        if (best.loop != nullptr) return help_loop(*best.loop);
        if (best.mail) return run_mail_of(*best.victim);
        if (best.lane) return steal_items(*best.victim);
        if (best.victim != nullptr) return steal(best);
        return run_batch(sched_.tasks(urgency::low));
    }

    /// What nobody else may run, what is urgent, what this context has spawned: until there is no more. The outside is looked
    /// at now and then, so that neither starves the other.
    bool run_queued() noexcept {
        work_item* item = next_queued();
        if (item == nullptr) return false;
        found_work();
        run_items(item);
        idle().begin_search();
        return true;
    }

    HOCKET_NOINLINE void run_items(work_item* item) noexcept {
        void const* scope = item->scope;
        for (std::uint32_t done = 1;; ++done) {
            {
                job_scope const job(me_, 0);
                run_item(*item);
            }
            item = nullptr;
            if (is_spare() && (sched_.recalled_.load(std::memory_order_relaxed) != 0 || !me_.stands_in())) {
                me_.lane.publish();
                return sched_.finish_batch(me_);
            }
            if (done % 64 != 0 || sched_.tasks(urgency::normal).take(&item, 1) == 0) item = next_queued();
            if (item == nullptr || item->scope != scope) sched_.finish_batch(me_);
            if (item == nullptr) return;
            scope = item->scope;
        }
    }

    HOCKET_NOINLINE work_item* next_queued() noexcept {
        work_item* item = nullptr;
        worker& place = me_.stands_in() ? *me_.stands_for : me_;
        if (place.mail.take(&item, 1) != 0) return item;
        if (sched_.tasks(urgency::high).take(&item, 1) != 0) return item;
        return me_.pop_lane();
    }

    /// Takes a share of what lies in an inbox; all but the first go on in this thread's lane, where others find them.
    HOCKET_NOINLINE bool run_batch(inbox& from) noexcept {
        work_item* items[scheduler::most_at_once];
        std::uint32_t const count = from.take(items, scheduler::most_at_once);
        if (count == 0) return false;
        run_taken(items, count);
        return true;
    }

    bool steal_items(worker& victim) noexcept {
        work_item* items[scheduler::most_at_once];
        std::uint32_t const count = victim.lane.steal(items, scheduler::most_at_once);
        if (count == 0) return false;
        run_taken(items, count);
        return true;
    }

    /// Oldest first: so the oldest of the rest goes in last.
    HOCKET_NOINLINE void run_taken(work_item** items, std::uint32_t count) noexcept {
        for (std::uint32_t i = count; i-- != 1;)
            if (!me_.lane.push(*items[i])) sched_.tasks(urgency::normal).push(*items[i]);
        found_work();
        run_items(items[0]);
        idle().begin_search();
    }

    /// In the place of that worker, whose holder sleeps in a wait: under its rank and on its core.
    HOCKET_COLD bool run_mail_of(worker& absent) noexcept {
        work_item* item = nullptr;
        if (!take_place(absent)) return false;
        bool const found = absent.mail.take(&item, 1) != 0;
        if (found) {
            found_work();
            {
                job_scope const job(me_, 0);
                run_item(*item);
            }
            sched_.finish_batch(me_);
            idle().begin_search();
        }
        leave_place();
        return found;
    }

    // Standing in for a worker that sleeps in a wait.

    /// A spare: in the place that it has, or in any that is free now. False when there is none: then it is likely to be recalled
    /// soon. But not for long, since somebody counts on it.
    bool keep_place() noexcept {
        if (me_.stands_in()) return true;
        for (std::uint32_t i = 0; i < sched_.size_; ++i)
            if (take_place(*sched_.context(i))) {
                placeless_since_ = 0;
                return true;
            }
        ticks const now = now_ticks();
        if (placeless_since_ == 0) placeless_since_ = now;
        spin_hint();
        return now - placeless_since_ > linger_microseconds * ticks_per_microsecond();
    }
    HOCKET_NOINLINE bool take_place(worker& absent) noexcept {
        std::uint32_t const before = me_.rank;
        if (!me_.stand_in_for(absent)) return false;
        pin_to_place(before);
        return true;
    }
    HOCKET_NOINLINE void leave_place() noexcept {
        if (me_.stands_for == nullptr) return;
        me_.give_up_place();
        me_.stands_for = nullptr;
        if (is_spare()) return;
        std::uint32_t const before = std::exchange(me_.rank, me_.id);
        pin_to_place(before);
    }
    HOCKET_COLD void pin_to_place(std::uint32_t before) const noexcept {
        if (me_.rank != before) (void)pin_this_thread(machine(), sched_.places_.workers[me_.rank]);
    }

    HOCKET_NOINLINE bool steal(finding const& from) noexcept {
        task_slot& slot = from.victim->stack[from.slot];
        task_type const* const type = slot.steal(me_.id, me_.height());
        if (type == nullptr) return false;
        from.victim->ask();
        found_work();
        run_stolen(me_, *from.victim, slot, *type, from.depth + 1);
        idle().begin_search();
        return true;
    }

    HOCKET_NOINLINE bool help_loop(loop_record& loop) noexcept {
        prefetch_for_write(&loop.stripes[me_.rank]);
        loop_ticket ticket = claim_share(loop, me_.rank);
        if (!ticket) return false;
        last_loop_ = &loop;
        found_work();
        {
            job_scope const job(me_, 1);
            help_with_loop(loop, ticket, me_.rank);
        }
        idle().begin_search();
        return true;
    }

    /// This thread ceases to search. If it was the last one and there is more, somebody else must look.
    HOCKET_NOINLINE void found_work() noexcept {
        if (!idle().end_search()) return;
        std_atomics::full_fence(); // <- sleep.publish
        if (sched_.work_visible()) sched_.wake_somebody(me_.domain, 1);
    }

    /// The most promising place to take work from. Asks hungry those that have tasks but show none.
    HOCKET_NOINLINE finding look_around() noexcept {
        finding best;
        std::uint32_t best_score = ~std::uint32_t{0};
        bool may_ask = false;
        std::uint32_t const count = sched_.contexts();
        for (std::uint32_t i = 1; i <= count; ++i) {
            worker& other = *sched_.context((me_.id + i) % count);
            if (&other == &me_) continue;
            std::uint32_t const distance = other.domain == me_.domain ? 0 : 2;
            std::uint32_t const loops = other.open_loops.load(std::memory_order_acquire); // <- loop.open
            for (std::uint32_t l = 0; l < loops && distance < best_score; ++l) {
                if (!other.loops[l].units_left(me_.rank)) continue;
                best = {&other.loops[l], &other, 0, 0};
                best_score = distance;
            }
            if (distance < best_score && !other.lane.empty()) {
                best = {nullptr, &other, 0, 0, true};
                best_score = distance;
            }
            if (other.has_orphaned_mail()) return {nullptr, &other, 0, 0, false, true};
            public_window const window = other.window();
            bool shows_one = false;
            for (std::uint32_t s = window.first; s < window.last && !shows_one; ++s) {
                if (!slot_word::is_public(other.stack[s].state.load(std::memory_order_relaxed))) continue;
                shows_one = true;
                std::uint32_t const depth = window.depth + (s - window.first);
                if (depth + distance >= best_score) continue;
                best = {nullptr, &other, s, depth};
                best_score = depth + distance;
            }
            if (shows_one || !(may_ask || (may_ask = me_.may_ask(now_ticks())))) continue;
            other.ask();
        }
        return best;
    }

    worker& me_;
    scheduler& sched_;
    ticks placeless_since_ = 0;        // a spare that looks for a place
    loop_record* last_loop_ = nullptr; // programs call loops again and again: its stripe is looked at first
};

} // namespace hocket::detail
