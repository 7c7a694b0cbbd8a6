// SPDX-License-Identifier: MIT
// Waiting for a future: runs the awaited task if no thread has begun it, or what it needs; then releases the core and
// sleeps. Callers: waits for futures.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/future/future_task.hpp>
#include <hocket/future/task_stop_token.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/os/unwinding.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/stop_listeners.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/wait.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI::detail {

[[noreturn]] [[gnu::cold]] void throw_waits_for_itself();

/// The holders of a future that may want its result when the waiting thread does not want it any more.
enum class wanted_by : std::uint8_t {
    others, // perhaps
    owner,  // the owner of a named future, while no other handle of it is lent
    caller, // no others, while no other handle is lent: the wait uses the future up
};

/// What a wait is for.
enum class wait_goal : std::uint8_t {
    end,   // of the work, in any case
    ready, // the work has ended; or the wait is given up, where too many threads wait
    value, // as `ready`; a body that was stopped gets no value that another thread has computed
};

/// Lets a stop around the sleeping thread give up the result of a state. It does so if no others may want the result,
/// or if the body that is stopped has started the task that computes it. So the awaited work ends, and with it the
/// wait. **Blocks** in its destructor until another thread that gives up the work has done so: the callables of the
/// work are destroyed before the wait returns.
class stop_watch {
  public:
    stop_watch(future_state_base& state, wanted_by holders) noexcept;
    ~stop_watch();
    stop_watch(stop_watch const&) = delete;
    stop_watch& operator=(stop_watch const&) = delete;

  private:
    struct listener : stop_listener {
        listener(future_state_base& state, stop_place const& where) noexcept;

        state_reference<future_state_base> const awaited;
        stop_answer gave_up; // of the thread that tells of the stop
    };
    static void end(listener& self) noexcept;

    listener* listener_ = nullptr;
};

/// Sleeps until the state is complete, or until the thread has run something of what it needs. A result that another
/// pool computes is always waited for.
[[gnu::cold]] void sleep_for_future(future_state_base& state, wanted_by holders, wait_goal goal);

/// Spins for a while; calls `help` as long as that runs something.
template<class Help>
void spin_for_future(future_state_base& state, Help const& help) noexcept {
    ticks const patience = costs::wait_spin.in_ticks();
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

/// Keeps a pool, which may have ended already, from ending.
class pool_hold {
  public:
    explicit pool_hold(scheduler& pool) noexcept : pool_(pool), held_(pools_of_process.hold(&pool)) {}
    pool_hold(scheduler& pool, std::uint64_t id) noexcept : pool_(pool), held_(pools_of_process.hold(&pool, id)) {}
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

/// Helps on an external thread. Runs the awaited task without taking a worker's place, unless the task needs a place.
/// Otherwise helps in the place of a sleeping worker, or `beside` busy workers.
void help_from_outside(future_state_base& state, bool beside = false);

/// Looks after the pool that computes a result for which a thread from outside of the pool sleeps. All workers may be
/// blocked by something that the pool does not see, such as a lock that the sleeping thread holds. So while no worker
/// is idle, the thread looks now and then whether it can run something of what it waits for. It goes on as long as the
/// other threads of the process use almost no processor time, otherwise for a moment. `clog_watch` adds threads for the
/// rest.
class outside_watch {
  public:
    explicit outside_watch(future_state_base& state) noexcept;
    outside_watch(outside_watch const&) = delete;
    outside_watch& operator=(outside_watch const&) = delete;
    ~outside_watch();

    /// Returns how long the thread sleeps until its next look.
    long long interval() const noexcept { return interval_; }
    /// Whether the workers may all be blocked. Called after each interval.
    bool wants_help() noexcept;
    /// Runs something of what the thread waits for, beside the workers.
    void help() noexcept;

  private:
    static constexpr long long an_hour = 3'600'000'000'000;

    future_state_base& state_;
    std::uint64_t pool_id_ = 0;
    long long interval_ = an_hour;
    std::optional<clog_watch> clogged_;
};

/// Lets a stop around the calling thread end the computation of the result of a state whose type has a `watch`. It does
/// so if the computation is a part of the stopped operation.
class watched_wait {
  public:
    watched_wait(future_state_base& state, wanted_by holders) noexcept : state_(state), here_(place_here(holders)) {
        if (here_.is_somewhere() && state_.type->watch(state_, &here_)) wait_for_stop();
    }
    watched_wait(watched_wait const&) = delete;
    watched_wait& operator=(watched_wait const&) = delete;
    ~watched_wait() {
        on_stop_.reset();
        if (!here_.is_somewhere()) return;
        (void)state_.type->watch(state_, nullptr);
        if (!state_.complete()) end_by_error();
    }

  private:
    /// Returns the place of the wait. Its scopes are for threads that search for cycles, and only a wait that ends last
    /// shows them.
    static stop_place place_here(wanted_by holders) noexcept {
        stop_place here = stop_place::here();
        if (holders != wanted_by::caller) here.scope = nullptr;
        return here;
    }
    struct look {
        watched_wait const* wait;
        void operator()() const noexcept { (void)wait->state_.type->watch(wait->state_, &wait->here_); }
    };
    HOCKET_COLD static void end_by_error() noexcept {
        stop_walk::wait_for_others();
        all_sleeping_threads.forget_beyond_runs();
    }
    HOCKET_COLD void wait_for_stop() noexcept {
        try {
            on_stop_.emplace(token_of(here_, innermost_stop_scope), look{this});
        } catch (std::exception const&) { // without memory for the callback, the awaited work is refused at its turn
        }
    }

    future_state_base& state_;
    stop_place const here_;
    std::optional<hocket::stop_callback<look>> on_stop_;
};

/// Lets a stop around the calling thread reach what the thread itself runs of the awaited line, and ends what it has
/// not begun. It does so if no others may want the result, or if the innermost body has started the task that computes
/// it. A state whose type has a `watch` is left to that.
class line_wait {
  public:
    line_wait(future_state_base const& state, wanted_by holders) noexcept : holders_(holders) {
        if (holders == wanted_by::others || (holders == wanted_by::owner && !stop_scope::has_made(state.scope))) return;
        looks_ = state.type->watch == nullptr && !unwinds() && !state.word.lent();
        if (looks_ && (holders == wanted_by::caller || stop_scope::has_made_lately(state.scope)))
            awaited_line = state.scope;
    }
    line_wait(line_wait const&) = delete;
    line_wait& operator=(line_wait const&) = delete;
    ~line_wait() { awaited_line = nullptr; }

    /// Gives up the result if the operation around the calling thread was stopped. Called before the thread begins
    /// something of what it waits for.
    void look_at_stop(future_state_base& state) noexcept {
        if (looks_ && stop_scope::finds_stopped_here()) [[unlikely]]
            end(state);
    }

  private:
    [[gnu::cold]] void end(future_state_base& state) noexcept;

    wanted_by const holders_;
    bool looks_ = false; // not given up yet
};

void wait_for_incomplete(future_state_base& state, wanted_by holders, wait_goal goal);

/// Returns once the state is complete. The caller holds a reference. **Throws** std::logic_error when the state needs
/// what the caller runs; too_many_waits.
inline void wait_for_state(future_state_base& state, wanted_by holders = wanted_by::others,
                           wait_goal goal = wait_goal::ready) {
    if (!state.complete()) wait_for_incomplete(state, holders, goal);
}

/// Gives the state up, and waits until it is complete. For a caller that cannot wait for the result, as in a cycle, and
/// owns what the computation refers to.
[[gnu::cold]] void end_before_caller(future_state_base& state) noexcept;

/// Waits in a destructor. Does not wait where the wait would never end, as in a node of the running graph.
[[gnu::cold]] void wait_for_dropped(future_state_base& state) noexcept;

/// Returns whether the state is complete before `deadline`. Runs nothing: the duration of a task is not known.
bool wait_for_state_until(future_state_base& state, std::chrono::steady_clock::time_point deadline);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/future_wait.ipp>
#endif
