// SPDX-License-Identifier: MIT
// Tasks that run again and again. Public: `run_every`. Each tick is a timer that hands the task to its pool. The next
// tick is set when the call has finished, so a task never runs twice at once.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/future_wait.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Options of run_every.
struct periodic_options {
    std::optional<std::chrono::nanoseconds> delay = {}; ///< until the first call; by default one period
    detail::stop_option stop{};                         ///< once a stop is requested, there are no further calls
};

namespace detail {

/// A periodic task. It has two owners: the handle, and the chain of calls until it has ended.
class periodic_state : timer_item, work_item, stop_link {
    using clock = monotonic_clock;

  public:
    periodic_state(scheduler& its_pool, clock::duration period, hocket::stop_token token);
    periodic_state(periodic_state const&) = delete;
    periodic_state& operator=(periodic_state const&) = delete;

    /// Starts the chain of calls. Called before anything else.
    void start(clock::time_point first);

    void request_stop() noexcept;

    /// Whether the calling thread is in a call of this task.
    bool calls_me() const noexcept;

    future_state<void>& ended() const noexcept { return *ended_; }
    scheduler& home() const noexcept { return pool_; }
    std::uint64_t calls() const noexcept { return calls_.load(std::memory_order_relaxed); }
    std::uint64_t missed() const noexcept { return missed_.load(std::memory_order_relaxed); }

    void release() noexcept;

  protected:
    virtual ~periodic_state() = default;

  private:
    virtual void call() = 0;
    virtual void drop_callable() noexcept = 0;

    struct stopper {
        periodic_state* state;
        void operator()() const noexcept;
    };

    static bool is_stopped(stop_link const& link) noexcept {
        return static_cast<periodic_state const&>(link).stopped_.load(std::memory_order_relaxed);
    }

    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }

    /// Waits for the next tick. A stop that came before the timer was started is seen here; a later stop cancels the
    /// timer.
    void arm();

    void tick() noexcept;

    struct innermost_scope {
        explicit innermost_scope(periodic_state& state) noexcept : outer(std::exchange(innermost, &state)) {
            state.outer_ = outer;
        }
        ~innermost_scope() { innermost = outer; }
        periodic_state const* outer;
    };

    /// Sets the next tick. Skips the ticks that went by: the calls stay on the raster of the first tick.
    void set_next() noexcept;

    void finish(std::exception_ptr error) noexcept;

    static inline constinit thread_local periodic_state const* innermost = nullptr;

    scheduler& pool_;
    fp_mode const mode_ = fp_mode::now(); // of the thread that has started the task
    clock::duration const period_;
    state_reference<future_state<void>> ended_;
    hocket::stop_token token_;
    std::optional<hocket::stop_callback<stopper>> on_stop_;
    periodic_state const* outer_ = nullptr; // the task in whose call, on one thread, a call of this task runs
    /// Writers: threads that stop it. Readers: the task.
    atomic<bool> stopped_{false};
    /// Writer: the task. Readers: the holder of the handle.
    atomic<std::uint64_t> calls_{0};
    atomic<std::uint64_t> missed_{0};
    /// Writers: owners of the state.
    atomic<std::uint32_t> references_{2};
};

template<class F>
class periodic_call final : public periodic_state {
  public:
    template<class From>
    periodic_call(scheduler& its_pool, std::chrono::steady_clock::duration period, hocket::stop_token token,
                  From&& from)
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
    periodic_task& operator=(periodic_task&& other) noexcept;
    /// Stops the task as `stop` does, but drops an exception.
    ~periodic_task();

    /// Lets no call begin any more, and waits for a running one, unless `stop` is called from within it. **Blocks**
    /// until then; another thread uses the core of the worker meanwhile. **Throws** the exception that has ended the
    /// task, each time.
    void stop();

    /// Waits until the task has ended: by an exception, its stop token or the end of its pool. **Blocks** and
    /// **Throws** as `stop`.
    void wait();

    /// Whether calls go on.
    [[nodiscard]] bool running() const noexcept { return state_ != nullptr && !state_->ended().complete(); }
    /// Returns the number of calls that were begun.
    [[nodiscard]] std::uint64_t calls() const noexcept { return state_ != nullptr ? state_->calls() : 0; }
    /// Returns the number of ticks that were skipped because the call before them took too long.
    [[nodiscard]] std::uint64_t missed() const noexcept { return state_ != nullptr ? state_->missed() : 0; }

    /// For the library.
    explicit periodic_task(detail::periodic_state* adopted) noexcept : state_(adopted) {}

  private:
    void end_calls();
    void report() const;

    detail::periodic_state* state_ = nullptr;
};

/// Calls `f()` as a task of the pool at each tick: one period from now, two periods from now, and so on, whatever the
/// calls take. A tick that comes while a call runs is skipped. An exception ends the task, and is kept for `stop` and
/// `wait`.
///
/// **Threads** any. **Blocks** never. **Throws** std::invalid_argument unless the period is above zero; std::bad_alloc,
/// what moving `f` throws. **Cost** nothing between the ticks; a tick wakes two threads.
template<class Rep, class Period, class F>
periodic_task run_every(thread_pool& pool, std::chrono::duration<Rep, Period> period, F&& f,
                        periodic_options const& options = {}) {
    static_assert(std::invocable<std::decay_t<F>&>,
                  "hocket: run_every takes a callable without arguments: [&] { f(x); }");
    using clock = detail::monotonic_clock;
    if (!(period > period.zero()))
        throw std::invalid_argument("hocket: the period of run_every must be greater than zero");
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
periodic_task run_every(std::chrono::duration<Rep, Period> period, F&& f, periodic_options const& options = {}) {
    return run_every(detail::current_pool(), period, std::forward<F>(f), options);
}

namespace detail {

struct run_every_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: run_every takes a period, which is a std::chrono::duration, and a callable: "
                                "run_every(1s, f); a pool may come first, and periodic_options last");
        return true;
    }
};

} // namespace detail

/// Says what run_every takes.
inline void run_every(detail::anything<detail::run_every_usage>, detail::anything_else, detail::anything_else = {},
                      detail::anything_else = {}) {}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/future/periodic.ipp>
#endif
