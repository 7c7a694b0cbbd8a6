// SPDX-License-Identifier: MIT
// Waiting, floor 3. A wait helps only with what it waits for (leapfrogging, Wagner and Calder 1993, cut down to the
// descendants of the awaited task); when there is nothing of that, it lends its core to another thread of the pool and
// sleeps. The argument why a helper never runs a stranger's task is in README.md of this folder.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>
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
        me.job = ++me.jobs;
        me.tokens = worker::window_size;
        me.attention.store(worker::asked, std::memory_order_relaxed);
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
inline void run_stolen(worker& me, worker& victim, task_slot& slot, task_type const& type,
                       std::uint32_t depth) noexcept {
    bool failed = false;
    {
        job_scope const job(me, depth);
        stop_scope const stop(victim.stops[static_cast<std::size_t>(&slot - victim.slots.get())]);
        failed = type.run(slot.bytes);
    }
    if (slot.finish(failed)) victim.wait_parker.wake();
}

/// Looks for a public task at or above `base` in the stack of `thief`, and, where such a task was stolen on, in the stack of
/// the one who has it. Runs it if `awaited` was still running after the claim: then it is a descendant.
inline bool help_thief(worker& me, task_slot const& awaited, std::uint64_t awaited_state) noexcept {
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
            task_slot& slot = thief.slots[i];
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
                if (slot.put_back(type)) thief.wait_parker.wake();
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
    std::uint32_t split = static_cast<std::uint32_t>(task_split - slots.get());
    if (split == top) return;
    for (; split != top; ++split) {
        stops[split] = stop_scope::of(*this, slots.get() + split);
        slots[split].publish();
    }
    task_split = task_top;
    show(lowest, top);
}

/// Sleeps until `announced` wakes this context; its core is another thread's meanwhile. `announce()` tells those who run
/// the awaited work that somebody sleeps, and returns false if there is nothing to wait for any more.
template<class Help, class Announce>
void sleep_until_woken(worker& me, Help const& help, Announce const& announce) noexcept {
    me.wait_parker.reset();
    me.publish_all();
    if (!announce()) return;
    me.sched->lend_core(me);
    // What it waits for may have come to lie behind a task that blocks on a lock which this thread holds: nobody tells.
    constexpr long long interval = 5'000'000;
    for (long long slept = 0;;) {
        long long const patience = me.sched->nanoseconds_until_stuck();
        long long const step = patience < interval ? patience : interval;
        if (me.wait_parker.sleep_for(step)) break;
        me.reach = worker::long_reach;
        if (help()) break;
        slept += step;
        if (slept < patience) continue;
        if (me.sched->stuck()) break;
        slept = 0;
    }
    me.sched->return_core(me);
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
