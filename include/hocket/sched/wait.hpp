// SPDX-License-Identifier: MIT
// Waiting, floor 3. A wait helps only with what it waits for (leapfrogging, Wagner and Calder 1993, cut down to the
// descendants of the awaited task); when there is nothing of that, it lends its core to another thread of the pool and
// sleeps. The argument why a helper never runs a stranger's task is in README.md of this folder.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::detail {

/// How long a waiting thread spins before it sleeps.
inline constexpr unsigned wait_spin_microseconds = 20;

/// How far a waiting thread follows an awaited task that was stolen on, and how many slots it looks at on the way.
inline constexpr unsigned most_links = 4;
inline constexpr std::uint32_t most_slots_searched = 64;

/// Starts a job on this context: what is on its stack so far belongs to others' jobs.
class job_scope {
  public:
    job_scope(worker& me, std::uint32_t depth) noexcept
        : me_(me), base_(me.base), depth_(me.base_depth), wake_after_(me.wake_after), job_(me.job) {
        me.base = me.height();
        me.base_depth = depth;
        me.wake_after = 0;
        begin_next();
    }

    /// The next job at the same place.
    void begin_next() noexcept {
        me_.job = ++me_.jobs;
        me_.tokens = worker::window_size;
        me_.attention.store(worker::asked, std::memory_order_relaxed);
    }

    ~job_scope() {
        me_.base = base_;
        me_.base_depth = depth_;
        me_.wake_after = wake_after_;
        me_.job = job_;
    }
    job_scope(job_scope const&) = delete;
    job_scope& operator=(job_scope const&) = delete;

  private:
    worker& me_;
    std::uint32_t const base_;
    std::uint32_t const depth_;
    ticks const wake_after_;
    std::uint64_t const job_;
};

/// Runs what lies in a slot that this thread has claimed.
HOCKET_NOINLINE inline void run_stolen(worker& me, worker& victim, task_slot& slot, task_type const& type,
                                       std::uint32_t depth) noexcept {
    bool failed = false;
    std::uint64_t const since = trace_begin();
    {
        job_scope const job(me, depth);
        stop_scope const stop(victim.stops[static_cast<std::size_t>(&slot - victim.stack.data())]);
        failed = type.run(slot.bytes);
    }
    trace_end("stolen task", "join", since);
    if (slot.finish(failed)) victim.wake_waiter();
}

/// Looks for a public task at or above `base` in the stack of `thief`, and, where such a task was stolen on, in the stack of
/// the one who has it. Runs it if `awaited` was still running after the claim: then it is a descendant.
HOCKET_NOINLINE inline bool help_thief(worker& me, task_slot const& awaited, std::uint64_t awaited_state) noexcept {
    struct link {
        task_slot const* slot;
        std::uint64_t state;
    };
    link chain[most_links];
    chain[0] = {&awaited, awaited_state};
    for (unsigned length = 1;; ++length) {
        std::uint64_t const state = chain[length - 1].state;
        worker& thief = *me.sched->context(slot_word::thief_of(state));
        std::uint32_t const base = slot_word::base_of(state);
        public_window const window = thief.window();
        link next{nullptr, 0};
        std::uint32_t const last = window.last < base + most_slots_searched ? window.last : base + most_slots_searched;
        for (std::uint32_t i = base; i < last; ++i) {
            task_slot& slot = thief.stack[i];
            task_type const* const type = slot.steal(me.id, me.height());
            if (type == nullptr) {
                std::uint64_t const other = slot.observe() & ~slot_word::waiting_flag;
                if (next.slot == nullptr && slot_word::is_stolen(other) && slot_word::thief_of(other) != me.id)
                    next = {&slot, other};
                continue;
            }
            bool descendant = true;
            for (unsigned l = 0; l < length; ++l)
                descendant &= (chain[l].slot->observe() & ~slot_word::waiting_flag) == chain[l].state;
            if (!descendant) {
                if (slot.put_back(type)) thief.wake_waiter();
                return false;
            }
            thief.ask();
            run_stolen(me, thief, slot, *type, me.base_depth + 1);
            return true;
        }
        if (next.slot == nullptr || length == most_links) {
            if (next.slot == nullptr && me.may_ask(now_ticks())) thief.ask();
            return false;
        }
        chain[length] = next;
    }
}

HOCKET_NOINLINE inline void worker::publish_all() noexcept {
    for (hidden_work* work = hidden; work != nullptr; work = work->outer) work->show(*work);
    lane.publish();
    std::uint32_t const top = height();
    std::uint32_t split = static_cast<std::uint32_t>(task_split - stack.data());
    if (split == top) return;
    for (; split != top; ++split) {
        stops[split] = stop_scope::of(*this, stack.data() + split);
        stack[split].publish();
    }
    task_split = task_top;
    show(lowest, top);
}

/// While it lives, the core of a thread that is in a pool is for others, and so is all that this thread has not begun.
class lent_core {
  public:
    explicit lent_core(worker* me) noexcept : me_(me) {
        if (me_ == nullptr) return;
        me_->publish_all(); // nobody could ask this thread for it while it is away
        me_->sched->lend_core(*me_);
    }
    ~lent_core() {
        if (me_ != nullptr) me_->sched->return_core(*me_);
    }
    lent_core(lent_core const&) = delete;
    lent_core& operator=(lent_core const&) = delete;

  private:
    worker* me_;
    trace_scope traced_{"blocked", "wait"};
};

/// What ended a sleep.
enum class wake_reason : std::uint8_t { woken, helped, stuck };

/// Sleeps in steps until `sleep_for(nanoseconds)` says that it was woken; the core is another thread's meanwhile. What is
/// awaited may come to lie behind a task that blocks on a lock which this thread holds, and then nobody tells. So between the
/// steps the thread takes its core back and looks by `help()`; while another thread runs there, only after many steps, so
/// that no more threads run than there are workers unless they are blocked. Also ends, and may have helped with nothing, when
/// the pool is stuck.
template<class Sleep, class Help>
HOCKET_NOINLINE wake_reason sleep_with_core_lent(worker& me, Sleep const& sleep_for, Help const& help) noexcept {
    constexpr long long shortest = 5'000'000;
    constexpr long long longest = 80'000'000;
    constexpr unsigned steps_without_core = 20;
    scheduler& pool = *me.sched;
    long long step = shortest;
    long long slept = 0;
    unsigned crowded = 0;
    me.publish_all();
    for (pool.lend_core(me);;) {
        long long const patience = pool.nanoseconds_until_stuck();
        long long const now = patience < step ? patience : step;
        bool const woken = sleep_for(now);
        slept += now;
        bool const stuck = !woken && slept >= patience && pool.stuck();
        if (slept >= patience) slept = 0;
        bool const alone = me.has_free_place();
        if (!woken && !stuck && !alone && ++crowded % steps_without_core != 0) {
            step = shortest;
            continue;
        }
        pool.return_core(me);
        if (woken) return wake_reason::woken;
        me.reach = worker::long_reach;
        if (help()) return wake_reason::helped;
        if (stuck) return wake_reason::stuck;
        step = 2 * step < longest ? 2 * step : longest;
        pool.lend_core(me);
    }
}

/// Sleeps until whoever ends what is awaited wakes this context, or there is something to help with. `announce()` tells those
/// who run it that somebody sleeps, and returns false if there is nothing to wait for any more.
template<class Help, class Announce>
void sleep_until_woken(worker& me, Help const& help, Announce const& announce) noexcept {
    me.wait_parker.reset();
    if (!announce()) return;
    std::uint64_t const since = trace_begin();
    sleep_with_core_lent(
        me, [&me](long long nanoseconds) { return me.wait_parker.sleep_for(nanoseconds); }, help);
    trace_end("wait", "wait", since);
}

/// Returns once `ready()`; meanwhile calls `help()`, which runs something of what is awaited and says whether it did.
template<class Ready, class Help, class Announce>
void wait_until(worker& me, Ready const& ready, Help const& help, Announce const& announce) noexcept {
    ticks const patience = wait_spin_microseconds * ticks_per_microsecond();
    ticks since = 0; // unknown until there is nothing to help with
    for (unsigned round = 1; !ready(); ++round) {
        if (help()) {
            since = 0;
            continue;
        }
        spin_hint();
        if (since == 0) {
            since = now_ticks();
            round = 1;
        } else if (round % 16 == 0 && now_ticks() - since > patience) {
            me.reach = worker::long_reach;
            if (!help()) sleep_until_woken(me, help, announce);
            since = 0;
        }
    }
}

/// Waits until the thief is through with a slot of this context, or has put it back.
inline void wait_for_slot(worker& me, task_slot& slot) noexcept {
    std::uint64_t state = 0;
    wait_until(
        me,
        [&] {
            state = slot.observe();
            return !slot_word::is_stolen(state);
        },
        [&] { return help_thief(me, slot, state & ~slot_word::waiting_flag); }, [&] { return slot.announce_wait(); });
}

} // namespace hocket::detail
