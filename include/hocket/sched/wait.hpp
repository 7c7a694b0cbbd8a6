// SPDX-License-Identifier: MIT
// Waiting. A wait helps only with what it waits for (leapfrogging, Wagner and Calder 1993, restricted to descendants of
// the awaited task). When nothing of that is left, it releases its core to another thread of the pool and sleeps.
// README.md of this folder proves that a helper runs only descendants of the awaited task.
#pragma once

#include <hocket/base/lasting_error.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/latch_waiters.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <exception>
#include <new>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// How many thefts in a row a waiting thread follows from the awaited task, and how many slots it looks at in each
/// stack.
inline constexpr unsigned most_links = 4;
inline constexpr std::uint32_t most_slots_searched = 64;

/// How many tasks a job publishes at once in advance.
inline std::uint32_t most_tokens(scheduler const& pool) noexcept {
    return pool.size() < worker::window_size ? worker::window_size : pool.size();
}

/// How many tasks a job publishes at once for idle threads.
std::uint32_t most_grants(scheduler const& pool) noexcept;

/// Starts a job in this worker slot: what is on its stack so far belongs to other jobs.
class job_scope {
  public:
    job_scope(worker& me, std::uint32_t depth) noexcept;

    /// Begins the next job at the same height of the stack.
    void begin_next() noexcept;

    ~job_scope();
    job_scope(job_scope const&) = delete;
    job_scope& operator=(job_scope const&) = delete;

  private:
    worker& me_;
    std::uint32_t const base_;
    std::uint32_t const depth_;
    ticks const wake_after_;
    std::uint64_t const job_;
};

/// The operation of a stolen task: it is stopped when its join has failed.
struct stolen_part : stop_operation {
    stolen_part(worker const& victim, task_slot const& slot, stop_note const& its_note) noexcept
        : stop_operation(&stolen_part::was_dropped, false,
                         {its_note.link, &victim, its_note.first, &slot, its_note.scope}),
          note(its_note) {
        stolen = true;
    }
    static bool was_dropped(stop_link const& link) noexcept {
        return static_cast<stolen_part const&>(link).note.dropped.load(std::memory_order_relaxed);
    }
    /// Whether the task is not needed any more. Does not look at the joins of the victim, which concern only what the
    /// task forks. A join that fails does not cut its own other callables short, so that of several exceptions the
    /// first in the order of the arguments is found.
    [[nodiscard]] bool is_unwanted() const noexcept {
        return was_dropped(*this) || stop_place{place.link, nullptr, nullptr, nullptr}.stopped();
    }

    stop_note const& note;
};

/// While it lives, the owner of a task stack may write `split`, `split_here` and the public window, and no thief
/// publishes in its place.
class [[nodiscard]] publication_scope {
  public:
    explicit publication_scope(worker& me) noexcept : lock_(me.publication) {
        lock_.enter([&] { return !me.sched->in_this_process(); });
    }
    ~publication_scope() { lock_.leave(); }
    publication_scope(publication_scope const&) = delete;
    publication_scope& operator=(publication_scope const&) = delete;

  private:
    basic_publication_lock<std_atomics>& lock_;
};

/// Stores an exception in a slot instead of running the task in it. Returns true: the task has failed.
[[gnu::cold]] bool refuse_stolen(task_slot& slot) noexcept;

/// Runs the task in a slot that this thread has claimed, unless an operation around it was stopped.
void run_stolen(worker& me, worker& victim, task_slot& slot, task_type const& type, std::uint32_t depth) noexcept;

/// Looks for a public task at or above the height at which the theft of `awaited` began in the thief's stack. If such a
/// task was stolen in turn, looks in the stack of its thief as well. Runs the task that it finds if `awaited` was still
/// running after the claim: then the task is a descendant. Returns whether it has run one.
bool help_thief(worker& me, task_slot const& awaited, std::uint64_t awaited_state) noexcept;

/// Called before the calling thread enters another pool, where it sees no steal request of `outer`: makes all public
/// that it has not begun there.
[[gnu::cold]] void leave_stack(worker& outer) noexcept;

/// While it lives, the core of a thread that is in a pool of another copy of hocket is released in that pool.
/// `is_outside`: the thread is in no pool of this copy.
class released_host_core {
  public:
    explicit released_host_core(bool is_outside) noexcept;
    ~released_host_core() {
        if (core_ != nullptr) other_host.load(std::memory_order_relaxed)->reacquire_core(core_);
    }
    released_host_core(released_host_core const&) = delete;
    released_host_core& operator=(released_host_core const&) = delete;

  private:
    void* core_ = nullptr;
};

/// While it lives, the core of a thread that is in a pool is released, and all that this thread has not begun is
/// public.
class released_core {
  public:
    explicit released_core(worker* me) noexcept;
    ~released_core() {
        if (me_ != nullptr) me_->sched->reacquire_core(*me_);
    }
    released_core(released_core const&) = delete;
    released_core& operator=(released_core const&) = delete;

  private:
    worker* me_;
    std::optional<activity_scope> doing_;
    released_host_core host_core_;
    trace_scope traced_{"blocked", "wait"};
};

/// The reason for the end of a sleep.
enum class wake_reason : std::uint8_t { woken, helped, stuck };

/// Watches, while a thread waits, whether the threads of the pool are blocked by something that the pool does not see.
/// An example is a lock that this thread holds, while work waits that no thread can begin. Then threads are added
/// beyond the workers, and taken away again when the wait ends. "Blocked" is a process that uses almost no processor
/// time for long.
class clog_watch {
  public:
    explicit clog_watch(worker& me) noexcept : clog_watch(*me.sched, me.domain) {}
    clog_watch(scheduler& pool, std::uint32_t domain) noexcept : pool_(pool), domain_(domain) {}
    ~clog_watch() {
        for (; added_ != 0; --added_) pool_.drop_core(domain_);
    }
    clog_watch(clog_watch const&) = delete;
    clog_watch& operator=(clog_watch const&) = delete;

    /// Looks, after each step of the sleep.
    void look() noexcept;
    /// Whether there are threads beyond the workers.
    bool has_added() const noexcept { return added_ != 0; }
    /// Called when the pool has ended.
    void forget() noexcept { added_ = 0; }

  private:
    /// Called while other threads of the program compute, what the pool waits for or something else. Whether the
    /// threads of the pool have done almost nothing since ten looks ago; false at the looks between.
    bool pool_idles(long long now) noexcept;

    static constexpr unsigned rarely = 10;

    scheduler& pool_;
    std::uint32_t const domain_;
    long long since_ = 0; // the first step of most sleeps is the last one
    long long used_before_ = 0;
    long long pool_since_ = 0;
    long long used_by_pool_ = 0;
    unsigned looks_beside_others_ = 0;
    unsigned added_ = 0;
};

/// How a thread sleeps while it waits. `may_help`: there may be something to help with; `may_give_up`: the wait may end
/// without what is awaited.
struct wait_manner {
    bool may_help = true;
    bool may_give_up = false;
    char const* what = "waits"; // see `activity`
};

/// Sleeps in steps until `sleep_for(nanoseconds)` returns true: the thread was woken. Its core is released meanwhile.
/// What is awaited may come to lie behind a task that blocks on a lock which this thread holds, and then no thread
/// wakes it. So between the steps the thread reacquires its core and looks by `help()`. While another thread runs
/// there, it does so only after many steps: no more threads run than there are workers, unless they are blocked. The
/// more threads wait, the longer the steps. Also returns when the pool is stuck and the wait is abandoned.
template<class Sleep, class Help>
HOCKET_NOINLINE wake_reason sleep_with_core_released(worker& me, Sleep const& sleep_for, Help const& help,
                                                     wait_manner how = {}) noexcept {
    constexpr long long shortest = costs::first_sleep.nanoseconds;
    constexpr long long longest = costs::longest_sleep.nanoseconds;
    constexpr unsigned steps_without_core = 20;
    scheduler& pool = *me.sched;
    long long step = shortest;
    long long slept = 0;
    unsigned crowded = 0;
    me.publish_all();
    activity_scope const doing(me.doing, how.what);
    clog_watch clogged(me);
    pool.release_core(me);
    bool const asks = pool.is_full() || pool.was_stuck(); // so the last awake thread knows it at once
    if (asks && pool.stuck(me, true) && pool.end_look(me, false, how.may_give_up)) return wake_reason::stuck;
    for (;;) {
        long long const crowd = 1 + pool.worker_slots() / 16;
        long long const patience = pool.nanoseconds_until_stuck();
        long long const now = !how.may_help || patience < step * crowd ? patience : step * crowd;
        bool const woken = sleep_or_serve(now, sleep_for);
        slept += now;
        if (!woken) clogged.look();
        bool const stuck = !woken && slept >= patience && pool.stuck(me);
        if (slept >= patience) slept = 0;
        if (!woken && !stuck) {
            if (!how.may_help) continue;
            if (!me.has_free_place() && ++crowded % steps_without_core != 0) {
                step = shortest;
                continue;
            }
        }
        if (!stuck) pool.reacquire_core(me);
        if (woken) return wake_reason::woken;
        me.reach = worker::long_reach;
        bool const helped = how.may_help && help();
        bool const given_up = stuck && pool.end_look(me, helped, how.may_give_up);
        if (helped) return wake_reason::helped;
        if (given_up) return wake_reason::stuck;
        step = 2 * step < longest ? 2 * step : longest;
        if (!stuck) pool.release_core(me);
    }
}

/// Sleeps until the last finisher of what is awaited wakes this worker slot, or there is something to help with.
/// `announce()` tells the threads that run it of the sleeper, and returns false if there is nothing left to wait for.
template<class Help, class Announce>
void sleep_until_woken(worker& me, Help const& help, Announce const& announce, char const* what) noexcept {
    me.wait_parker.reset();
    if (!announce()) return;
    std::uint64_t const since = trace_begin();
    sleep_with_core_released(me, [&me](long long nanoseconds) { return me.wait_parker.sleep_for(nanoseconds); }, help,
                             {.what = what});
    trace_end("wait", "wait", since);
}

/// Returns once `ready()` is true. Meanwhile calls `help()`, which runs something of what is awaited and returns
/// whether it did. `what` follows the name of a thread: see `activity`.
template<class Ready, class Help, class Announce>
void wait_until(worker& me, Ready const& ready, Help const& help, Announce const& announce,
                char const* what = "waits") noexcept {
    ticks const patience = costs::wait_spin.in_ticks();
    ticks since = 0; // 0 until there is nothing to help with
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
            if (!help()) sleep_until_woken(me, help, announce, what);
            since = 0;
        }
    }
}

/// Waits until the thief has finished the task in a slot of this worker slot, or has put it back.
void wait_for_slot(worker& me, task_slot& slot) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/wait.ipp>
#endif
