// SPDX-License-Identifier: MIT
// Waiting for a future, floor 5: runs the awaited task if nobody has begun it, or what it needs; then lends the core and
// sleeps. Callers: what waits for futures.
#pragma once

#include <hocket/sched/guest.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/task/future_task.hpp>
#include <hocket/task/wait_cycle.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace hocket::detail {

[[noreturn]] HOCKET_COLD inline void throw_waits_for_itself() {
    throw std::logic_error("hocket: a task waits for a future that can only be ready when the task itself has ended: "
                           "it is computed by this task, "
                           "or by one that waits for this task");
}

[[noreturn]] HOCKET_COLD inline void throw_stuck() {
    throw std::runtime_error(
        "hocket: all threads of the pool wait for futures, no more may be started, and what they wait for may lie "
        "behind them "
        "in the queue; this wait was given up. Pass the futures to submit() or then() instead of waiting in a task");
}

/// Until the state is complete, or the thread has run something of what it needs.
HOCKET_COLD inline void sleep_for_future(future_state_base& state) {
    if (!state.word.watch()) return;
    trace_scope const traced("wait", "wait");
    sleeping_thread self(state);
    if (!all_sleeping_threads.enter(self)) throw_waits_for_itself();
    worker* const me = this_context;
    bool circle = false;
    wake_reason reason = wake_reason::woken;
    if (me == nullptr) {
        state.word.sleep();
    } else {
        bool const may_help = me->sched == state.sched && state.help != nullptr;
        reason = sleep_with_core_lent(
            *me, [&state](long long nanoseconds) { return state.word.sleep_for(nanoseconds); },
            [&] {
                if (!may_help) return false;
                all_sleeping_threads.leave(self);
                bool const helped = state.help(state, *me);
                circle = !all_sleeping_threads.enter(self);
                return helped || circle;
            });
    }
    if (circle) throw_waits_for_itself();
    all_sleeping_threads.leave(self);
    if (reason == wake_reason::stuck && !state.complete()) throw_stuck();
}

/// Spins for a while; calls `help` as long as that runs something.
template<class Help>
void spin_for_future(future_state_base& state, Help const& help) noexcept {
    ticks const patience = wait_spin_microseconds * ticks_per_microsecond();
    ticks since = 0;
    for (unsigned round = 1; !state.complete(); ++round) {
        if (help()) {
            since = 0;
            continue;
        }
        spin_hint();
        if (round % 16 != 0) continue;
        ticks const now = now_ticks();
        if (since == 0) since = now;
        if (now - since > patience) return;
    }
}

/// Keeps a pool from ending that may have ended already.
class pool_hold {
  public:
    explicit pool_hold(scheduler& pool) noexcept : pool_(pool), held_(pools_of_process.hold(&pool)) {}
    pool_hold(pool_hold const&) = delete;
    pool_hold& operator=(pool_hold const&) = delete;
    ~pool_hold() {
        if (held_) pools_of_process.let_go(pool_);
    }
    bool held() const noexcept { return held_; }

  private:
    scheduler& pool_;
    bool held_;
};

/// An outside thread: runs the awaited task as a guest that takes nobody's place unless the task needs a place; else helps
/// in the place of a worker that sleeps.
inline void help_from_outside(future_state_base& state) {
    scheduler& pool = *state.sched;
    if (state.word.offered()) { // it lies in a queue: the pool does not end before
        pool.require_this_process();
        if (state.try_begin()) {
            guest_scope const guest(pool, guest_scope::lazily{});
            trace_scope const traced("task", "task");
            run_begun(&state, false);
            return;
        }
    }
    if (state.complete()) return;
    pool_hold const living(pool); // what is not offered yet does not keep it
    if (!living.held()) return;
    pool.require_this_process();
    if (state.help == nullptr) return;
    guest_scope guest(pool);
    if (!guest.entered() || !this_context->seated) return;
    while (!state.complete() && state.help(state, *this_context)) {
    }
}

HOCKET_NOINLINE inline void wait_for_incomplete(future_state_base& state) {
    worker* const me = this_context;
    bool const at_home = me != nullptr && me->sched == state.sched;
    bool const inside = at_home && state.help != nullptr;
    if (at_home)
        me->sched->require_this_process();
    else if (state.sched != nullptr)
        help_from_outside(state);
    for (;; sleep_for_future(state)) {
        spin_for_future(state, [&] { return inside && state.help(state, *me); });
        if (state.complete()) return;
    }
}

/// Returns once the state is complete. The caller holds a reference.
inline void wait_for_state(future_state_base& state) {
    if (!state.complete()) wait_for_incomplete(state);
}

/// In a destructor. Where a wait would never end, as in a node of the graph that runs, there is none.
HOCKET_COLD inline void wait_for_dropped(future_state_base& state) noexcept {
    try {
        wait_for_state(state);
    } catch (std::exception const&) { // a circle
    }
}

/// Whether it is complete before `deadline`. Runs nothing: nobody knows how long that would take.
inline bool wait_for_state_until(future_state_base& state, std::chrono::steady_clock::time_point deadline) {
    using clock = std::chrono::steady_clock;
    if (state.complete()) return true;
    clock::time_point now = clock::now();
    if (now >= deadline || !state.word.watch()) return state.complete();
    lent_core const core(this_context);
    for (; now < deadline; now = clock::now()) {
        constexpr std::chrono::nanoseconds longest = std::chrono::hours(1);
        std::chrono::nanoseconds const left = deadline - now < longest ? deadline - now : longest;
        if (state.word.sleep_for(left.count())) return true;
    }
    return state.complete();
}

} // namespace hocket::detail
