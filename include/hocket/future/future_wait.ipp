// SPDX-License-Identifier: MIT
// The bodies of the functions that future_wait.hpp declares.
#pragma once

#include <hocket/future/future_wait.hpp>
#include <hocket/os/clock.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_waits_for_itself() {
    throw std::logic_error("hocket: a task waits for a future that can only be ready when the task itself has ended: "
                           "it is computed by this task, "
                           "or by one that waits for this task");
}

HOCKET_COLD HOCKET_INLINE stop_watch::listener::listener(future_state_base& state, stop_place const& where) noexcept
    : stop_listener{[](stop_listener& self) noexcept { end(static_cast<listener&>(self)); },
                    [](stop_listener& self) noexcept { destroy_in_slab(static_cast<listener*>(&self)); }, where, this,
                    stops_silently(where)},
      awaited(&state) {
    state.retain();
}

HOCKET_COLD HOCKET_INLINE stop_watch::stop_watch(future_state_base& state, wanted_by holders) noexcept {
    if (holders == wanted_by::others || state.type->watch != nullptr) return;
    stop_place const place =
        holders == wanted_by::caller ? stop_place::here() : stop_scope::around_maker_of(state.scope);
    if (!place.is_somewhere()) return;
    try {
        listener_ = make_in_slab<listener>(state, place);
    } catch (std::bad_alloc const&) { // the awaited work is refused at its turn
        return;
    }
    listener_->references.store(2, std::memory_order_relaxed); // of the list, and of this watch
    if (stop_listeners_of_process.add_unless_stopped(*listener_)) {
        end(*listener_);
        return;
    }
    try {
        if (listener_->silent) stop_poll::ensure();
    } catch (std::exception const&) { // without memory for the timer only a stop that tells of itself ends the wait
    }
}

HOCKET_COLD HOCKET_INLINE stop_watch::~stop_watch() {
    if (listener_ == nullptr) return;
    bool const was_listed =
        stop_listeners_of_process.drop([this](stop_listener const& one) { return &one == listener_; }) != 0;
    bool const was_told =
        was_listed && listener_->requested; // no thread writes it any more; a child of fork() lists none
    if (was_told && !listener_->gave_up.given()) {
        released_core const core(this_slot); // destructors of what is given up may need it
        listener_->gave_up.wait();
    }
    stop_listeners::release(*listener_);
}

HOCKET_COLD HOCKET_INLINE void stop_watch::end(listener& self) noexcept {
    bool const lent = self.awaited->word.lent();
    if (!lent) give_up(*self.awaited);
    self.gave_up.give();
    if (!lent) tell_of_stop();
}

HOCKET_COLD HOCKET_INLINE void sleep_for_future(future_state_base& state, wanted_by holders, wait_goal goal) {
    if (!state.word.watch()) return;
    stop_watch const stops(state, holders);
    trace_scope const traced("wait", "wait");
    sleeping_thread self(state, holders == wanted_by::caller);
    if (!all_sleeping_threads.enter(self)) throw_waits_for_itself();
    worker* const me = this_slot;
    bool const at_home = me != nullptr && me->sched == state.sched;
    bool const may_give_up = goal != wait_goal::end;
    outside_watch outside(state);
    bool cycle = false;
    wake_reason reason = wake_reason::woken;
    long long slept = 0;
    long long next_look = 250'000'000; // then twice as long, and so on
    auto const looks_again = [&] {
        return self.runs_something() || !self.looked_at_all.load(std::memory_order_relaxed);
    };
    auto const sleep_for = [&](long long nanoseconds) {
        if (slept >= next_look && looks_again()) {
            next_look *= 2;
            cycle = !all_sleeping_threads.stay(self);
            if (cycle) return true;
        }
        slept += nanoseconds;
        return state.word.sleep_for(nanoseconds);
    };
    auto const sleep_outside = [&](long long nanoseconds) {
        for (long long left = nanoseconds; left > 0;) {
            long long const step = left < outside.interval() ? left : outside.interval();
            if (sleep_for(step)) return true;
            left -= step;
            if (!outside.wants_help()) continue;
            all_sleeping_threads.leave(self);
            outside.help();
            cycle = !all_sleeping_threads.enter(self);
            if (cycle) return true;
        }
        return sleep_for(0);
    };
    if (me == nullptr) {
        released_host_core const core(true);
        constexpr long long an_hour = 3'600'000'000'000;
        constexpr long long a_second = 1'000'000'000; // other threads may ask it to look again
        auto const longest = [&] {
            if (!looks_again()) return an_hour;
            return next_look < a_second ? next_look : a_second;
        };
        while (!sleep_or_serve(longest(), sleep_outside)) {
        }
    } else if (!at_home) {
        reason = sleep_with_core_released(
            *me, sleep_outside, [] { return false; },
            {.may_help = false,
             .may_give_up = may_give_up && state.sched == nullptr,
             .what = state.sched == nullptr ? "waits for a promise" : "waits for a future of another pool"});
    } else {
        bool const may_help = state.help != nullptr;
        reason =
            sleep_with_core_released(*me, sleep_for,
                                     [&] {
                                         all_sleeping_threads.leave(self);
                                         bool const helped = state.help(state, *me);
                                         cycle = !all_sleeping_threads.enter(self);
                                         return helped || cycle;
                                     },
                                     {.may_help = may_help, .may_give_up = may_give_up, .what = "waits for a future"});
    }
    if (cycle) throw_waits_for_itself();
    all_sleeping_threads.leave(self);
    if (reason == wake_reason::stuck && !state.complete()) throw too_many_waits();
}

HOCKET_COLD HOCKET_INLINE outside_watch::outside_watch(future_state_base& state) noexcept : state_(state) {
    if (state.sched == nullptr || (this_slot != nullptr && this_slot->sched == state.sched)) return;
    pool_hold const living(*state.sched);
    if (!living.held()) return;
    pool_id_ = state.sched->id();
    interval_ = costs::first_outside_sleep.nanoseconds;
    clogged_.emplace(*state.sched, 0);
}

HOCKET_COLD HOCKET_INLINE outside_watch::~outside_watch() {
    if (!clogged_.has_value() || !clogged_->has_added()) return;
    pool_hold const living(*state_.sched, pool_id_);
    if (!living.held()) clogged_->forget();
    clogged_.reset();
}

HOCKET_COLD HOCKET_INLINE bool outside_watch::wants_help() noexcept {
    if (!clogged_.has_value()) return false;
    scheduler& pool = *state_.sched;
    pool_hold const living(pool, pool_id_);
    if (!living.held() || !pool.in_this_process()) {
        clogged_->forget();
        clogged_.reset();
        interval_ = an_hour;
        return false;
    }
    constexpr long long longest = costs::longest_outside_sleep.nanoseconds;
    interval_ = 2 * interval_ < longest ? 2 * interval_ : longest;
    clogged_->look();
    return pool.is_crowded();
}

HOCKET_COLD HOCKET_INLINE void outside_watch::help() noexcept { help_from_outside(state_, true); }

/// Whether the other threads of the process are at work, as far as can be said after some time.
class busy_others {
  public:
    bool found() const noexcept {
        constexpr long long moment = 1'000'000; // nanoseconds
        long long const passed = static_cast<long long>(monotonic_nanoseconds()) - since_;
        return passed >= moment && used_by_others() - used_before_ >= passed / 50;
    }

  private:
    static long long used_by_others() noexcept { return process_cpu_nanoseconds() - thread_cpu_nanoseconds(); }

    long long const since_ = static_cast<long long>(monotonic_nanoseconds());
    long long const used_before_ = used_by_others();
};

HOCKET_INLINE void help_from_outside(future_state_base& state, bool beside) {
    scheduler& pool = *state.sched;
    pool_hold const living(pool); // it neither ends nor counts as idle before the task has finished
    if (!living.held()) return;
    pool.require_this_process();
    if (state.try_begin()) {
        pool_entry const entry(pool, pool_entry::lazily{});
        trace_scope const traced("task", "task");
        fp_scope const mode(fp_mode{});
        run_begun(&state, false);
        return;
    }
    if (state.type->help_outside != nullptr) {
        pool_entry const entry(pool, pool_entry::lazily{});
        state.type->help_outside(state);
    }
    if (state.complete()) return;
    if (state.help == nullptr) return;
    pool_entry entry(pool);
    if (!entry.entered() || (!beside && !this_slot->counts_as_awake)) return;
    if (!beside || this_slot->counts_as_awake) {
        while (!state.complete() && state.help(state, *this_slot)) {
        }
        return;
    }
    busy_others const others;
    while (!state.complete() && state.help(state, *this_slot) && !others.found()) {
    }
}

HOCKET_COLD HOCKET_INLINE void line_wait::end(future_state_base& state) noexcept {
    if (holders_ == wanted_by::owner && !stop_scope::around_maker_of(state.scope).stopped()) return;
    looks_ = false;
    give_up(state);
    tell_of_stop();
}

/// Throws instead of letting a stopped body go on with a value, if the body has started the task itself, and nothing
/// else may want the value.
HOCKET_NOINLINE HOCKET_INLINE void refuse_value(future_state_base const& state, wanted_by holders, wait_goal goal) {
    if (goal != wait_goal::value || holders == wanted_by::others || !stop_scope::finds_stopped_here()) return;
    if (state.failed() || state.word.lent() || !stop_scope::has_made(state.scope)) return;
    if (stop_scope::around_maker_of(state.scope).stopped()) throw_stopped_around();
}

/// Waits for what the thread could not run at once. `inside`: the worker slot in which it may help; null: nowhere.
HOCKET_NOINLINE HOCKET_INLINE void wait_longer(future_state_base& state, line_wait& waited_for, worker* inside,
                                               wanted_by holders, wait_goal goal) {
    for (;; sleep_for_future(state, holders, goal)) {
        spin_for_future(state, [&] {
            if (inside == nullptr) return false;
            waited_for.look_at_stop(state);
            return state.help(state, *inside);
        });
        if (state.complete()) return refuse_value(state, holders, goal);
    }
}

/// Waits as `wait_for_incomplete` does, where no stop has to be watched.
HOCKET_INLINE void wait_for_unwatched(future_state_base& state, wanted_by holders, wait_goal goal) {
    line_wait waited_for(state, holders);
    waited_for.look_at_stop(state);
    worker* const me = this_slot;
    bool const at_home = me != nullptr && me->sched == state.sched;
    bool const inside = at_home && state.help != nullptr;
    if (at_home)
        me->sched->require_this_process();
    else if (state.sched != nullptr)
        help_from_outside(state);
    if (inside && state.help(state, *me) && state.complete()) [[likely]]
        return; // it was the newest task of this thread
    wait_longer(state, waited_for, inside ? me : nullptr, holders, goal);
}

HOCKET_COLD HOCKET_INLINE void wait_for_watched(future_state_base& state, wanted_by holders, wait_goal goal) {
    {
        watched_wait const watched(state, holders);
        wait_for_unwatched(state, holders, goal);
    }
    refuse_value(state, holders, goal);
}

HOCKET_NOINLINE HOCKET_INLINE void wait_for_incomplete(future_state_base& state, wanted_by holders, wait_goal goal) {
    if (state.type->note_ours != nullptr && holders != wanted_by::others) [[unlikely]]
        state.type->note_ours(state);
    if (state.type->watch != nullptr) [[unlikely]]
        return wait_for_watched(state, holders, goal);
    wait_for_unwatched(state, holders, goal);
}

HOCKET_COLD HOCKET_INLINE void end_before_caller(future_state_base& state) noexcept {
    constexpr long long interval = 1'000'000; // nanoseconds
    give_up(state);
    tell_of_stop();
    while (!state.complete()) {
        try {
            wait_for_state(state, wanted_by::others, wait_goal::end);
        } catch (std::exception const&) { // what it needs has not ended yet
            scheduler::let_pass(interval);
        }
    }
}

HOCKET_COLD HOCKET_INLINE void wait_for_dropped(future_state_base& state) noexcept {
    try {
        wait_for_state(state, wanted_by::caller, wait_goal::end);
    } catch (std::exception const&) { // a cycle
    }
}

HOCKET_INLINE bool wait_for_state_until(future_state_base& state, std::chrono::steady_clock::time_point deadline) {
    using clock = monotonic_clock;
    if (state.complete()) return true;
    clock::time_point now = clock::now();
    if (now >= deadline || !state.word.watch()) return state.complete();
    released_core const core(this_slot);
    for (; now < deadline; now = clock::now()) {
        constexpr std::chrono::nanoseconds longest = std::chrono::hours(1);
        std::chrono::nanoseconds const left = deadline - now < longest ? deadline - now : longest;
        if (sleep_or_serve(left.count(), [&](long long nanoseconds) { return state.word.sleep_for(nanoseconds); }))
            return true;
    }
    return state.complete();
}

} // namespace
