// SPDX-License-Identifier: MIT
// Tasks that run again and again, floor 5. Public: `run_every`. Each tick is a timer that hands the task to its pool;
// the next tick is set when the call has ended, so a task never runs twice at once.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/task/future_state.hpp>
#include <hocket/task/future_wait.hpp>
#include <hocket/task/timer.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace hocket {

/// Options of run_every.
struct periodic_options {
    std::optional<std::chrono::nanoseconds> delay = {}; ///< until the first call; by default one period
    std::stop_token stop{};                             ///< once it is requested, there are no further calls
};

namespace detail {

/// A periodic task. Two own it: the handle, and the chain of calls until it has ended.
class periodic_state : timer_item, work_item, stop_link {
    using clock = std::chrono::steady_clock;

  public:
    periodic_state(scheduler& its_pool, clock::duration period, std::stop_token token)
        : stop_link{&periodic_state::is_stopped, nullptr},
          pool_(its_pool),
          period_(period),
          ended_(make_state<void>(&its_pool, 1)),
          token_(std::move(token)) {
        timer_item::fire = [](timer_item* self) noexcept {
            auto& state = *static_cast<periodic_state*>(self);
            spawn(state.pool_, state);
        };
        timer_item::pool = &its_pool;
        timer_item::hurries = true;
        work_item::run = [](work_item* self) noexcept { static_cast<periodic_state*>(self)->tick(); };
        work_item::scope = new_scope();
        ended_->scope = work_item::scope;
        ended_->help = [](future_state_base& state, worker& me) noexcept { return run_one_of(me, state.scope); };
    }
    periodic_state(periodic_state const&) = delete;
    periodic_state& operator=(periodic_state const&) = delete;

    /// Before anything else.
    void start(clock::time_point first) {
        due = first;
        try {
            prepare_timer(*this);
            on_stop_.emplace(token_, stopper{this});
            arm();
        } catch (...) {
            finish(nullptr);
            throw;
        }
    }

    void request_stop() noexcept {
        stopped_.store(true, std::memory_order_release);
        if (cancel_timer(*this)) finish(nullptr);
    }

    /// Whether the calling thread is in a call of this task.
    bool calls_me() const noexcept {
        periodic_state const* running = innermost;
        while (running != nullptr && running != this) running = running->outer_;
        return running != nullptr;
    }

    future_state<void>& ended() const noexcept { return *ended_; }
    scheduler& home() const noexcept { return pool_; }
    std::uint64_t calls() const noexcept { return calls_.load(std::memory_order_relaxed); }
    std::uint64_t missed() const noexcept { return missed_.load(std::memory_order_relaxed); }

    void release() noexcept {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) // periodic.release ->, <- periodic.release
            delete this;
    }

  protected:
    virtual ~periodic_state() = default;

  private:
    virtual void call() = 0;
    virtual void drop_callable() noexcept = 0;

    struct stopper {
        periodic_state* state;
        void operator()() const noexcept {
            state->retain();
            state->request_stop();
            state->release();
        }
    };

    static bool is_stopped(stop_link const& link) noexcept {
        return static_cast<periodic_state const&>(link).stopped_.load(std::memory_order_relaxed);
    }

    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }

    /// Waits for the next tick. A stop that came before the timer was started is seen here, one that comes later
    /// cancels it.
    void arm() {
        retain();
        try {
            start_timer(*this);
        } catch (...) {
            release();
            throw;
        }
        if (stopped_.load(std::memory_order_acquire) && cancel_timer(*this)) finish(nullptr);
        release();
    }

    void tick() noexcept {
        if (stopped_.load(std::memory_order_acquire) || pool_.handle().pending().ending()) return finish(nullptr);
        try {
            {
                stop_scope const stop(this);
                innermost_scope const inner(*this);
                calls_.fetch_add(1, std::memory_order_relaxed);
                call();
            }
            set_next();
            arm();
        } catch (...) {
            finish(std::current_exception());
        }
    }

    struct innermost_scope {
        explicit innermost_scope(periodic_state& state) noexcept : outer(std::exchange(innermost, &state)) {
            state.outer_ = outer;
        }
        ~innermost_scope() { innermost = outer; }
        periodic_state const* outer;
    };

    /// The ticks that went by are skipped: the calls stay on the same raster.
    void set_next() noexcept {
        clock::duration const late = clock::now() - due;
        auto const skipped = late < period_ ? 0 : late / period_;
        missed_.fetch_add(static_cast<std::uint64_t>(skipped), std::memory_order_relaxed);
        due += period_ * (skipped + 1);
    }

    void finish(std::exception_ptr error) noexcept {
        {
            innermost_scope const inner(*this); // the callable may hold the handle
            drop_callable();
        }
        state_reference<future_state<void>> const ended(ended_);
        if (error != nullptr)
            ended->set_exception(std::move(error));
        else
            ended->set_value();
        release();
    }

    static inline constinit thread_local periodic_state const* innermost = nullptr;

    scheduler& pool_;
    clock::duration const period_;
    state_reference<future_state<void>> ended_;
    std::stop_token token_;
    std::optional<std::stop_callback<stopper>> on_stop_;
    periodic_state const* outer_ = nullptr; // in whose call this one's call runs on the same thread
    /// Writers: whoever stops it. Readers: the task.
    std::atomic<bool> stopped_{false};
    /// Writer: the task. Readers: the handle's holder.
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::uint64_t> missed_{0};
    /// Writers: everyone who holds the state.
    std::atomic<std::uint32_t> references_{2};
};

template<class F>
class periodic_call final : public periodic_state {
  public:
    template<class From>
    periodic_call(scheduler& its_pool, std::chrono::steady_clock::duration period, std::stop_token token, From&& from)
        : periodic_state(its_pool, period, std::move(token)), callable_(std::in_place, std::forward<From>(from)) {}

  private:
    void call() override { (*callable_)(); }
    void drop_callable() noexcept override { callable_.reset(); }

    std::optional<F> callable_;
};

} // namespace detail

/// A task that runs periodically, until it is stopped, throws, or its pool ends. Destroying the handle stops it.
/// **Threads** each handle for one thread at a time.
class [[nodiscard]] periodic_task {
  public:
    periodic_task() = default;
    periodic_task(periodic_task&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    periodic_task& operator=(periodic_task&& other) noexcept {
        periodic_task taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    /// As `stop`, but an exception is dropped.
    ~periodic_task() {
        if (state_ == nullptr) return;
        try {
            end_calls();
        } catch (...) { // a child of fork(), where nobody runs it
        }
        state_->release();
    }

    /// No call begins any more; a running one is waited for, unless this is called from within it.
    /// **Blocks** until then; a worker's core is another thread's meanwhile. **Throws** the exception that has ended
    /// the task, each time.
    void stop() {
        if (state_ == nullptr) return;
        end_calls();
        report();
    }

    /// Waits until the task has ended: by an exception, its stop token or the end of its pool. **Blocks** and
    /// **Throws** as `stop`.
    void wait() {
        if (state_ == nullptr) return;
        detail::wait_for_state(state_->ended());
        report();
    }

    /// Whether calls go on.
    [[nodiscard]] bool running() const noexcept { return state_ != nullptr && !state_->ended().complete(); }
    /// How many calls were begun.
    [[nodiscard]] std::uint64_t calls() const noexcept { return state_ != nullptr ? state_->calls() : 0; }
    /// How many ticks were skipped because the call before them took too long.
    [[nodiscard]] std::uint64_t missed() const noexcept { return state_ != nullptr ? state_->missed() : 0; }

    /// For the library.
    explicit periodic_task(detail::periodic_state* adopted) noexcept : state_(adopted) {}

  private:
    void end_calls() {
        state_->request_stop();
        if (!state_->calls_me()) detail::wait_for_state(state_->ended());
    }
    void report() const {
        detail::future_state<void>& ended = state_->ended();
        if (ended.failed()) std::rethrow_exception(ended.error());
    }

    detail::periodic_state* state_ = nullptr;
};

/// Calls `f()` as a task of the pool at each tick: one period from now, two periods from now, and so on, whatever the
/// calls take. A tick that comes while a call runs is skipped. An exception ends it, and is kept for `stop` and `wait`.
///
/// **Threads** any. **Blocks** never. **Throws** std::invalid_argument unless the period is above zero; std::bad_alloc,
/// what moving `f` throws; std::runtime_error when the thread for timers cannot be started. **Cost** nothing between
/// the ticks; a tick wakes two threads.
template<class Rep, class Period, class F>
    requires std::invocable < std::decay_t<F>
& > periodic_task run_every(thread_pool& pool, std::chrono::duration<Rep, Period> period, F&& f,
                            periodic_options const& options = {}) {
    using clock = std::chrono::steady_clock;
    if (!(period > period.zero())) throw std::invalid_argument("hocket: the period of run_every is not above zero");
    pool.sched().require_this_process();
    clock::time_point const now = clock::now();
    clock::duration const step = detail::due_after(period) == clock::time_point::max()
                                     ? std::chrono::duration_cast<clock::duration>(std::chrono::hours(24 * 365 * 100))
                                     : std::chrono::ceil<clock::duration>(period);
    auto* const state =
        new detail::periodic_call<std::decay_t<F>>(pool.sched(), step, options.stop, std::forward<F>(f));
    periodic_task task(state);
    state->start(options.delay ? detail::due_after(*options.delay) : now + step);
    return task;
}
template<class Rep, class Period, class F>
    requires std::invocable < std::decay_t<F>
& > periodic_task run_every(std::chrono::duration<Rep, Period> period, F&& f, periodic_options const& options = {}) {
    return run_every(detail::current_pool(), period, std::forward<F>(f), options);
}

} // namespace hocket
