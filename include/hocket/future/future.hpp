// SPDX-License-Identifier: MIT
// Results that become available later: future, shared_future, make_ready_future, make_exceptional_future. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/future_wait.hpp>
#include <hocket/future/members_of_other_futures.hpp>
#include <hocket/future/submit_options.hpp>
#include <hocket/future/then_job.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/living_pools.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The error of a future whose promise was destroyed without a result.
class broken_promise : public std::logic_error {
  public:
    broken_promise()
        : std::logic_error("hocket: broken promise: the promise was destroyed before a value or an exception was set") {
    }
};

namespace detail {

[[noreturn]] [[gnu::cold]] void throw_no_state();

struct time_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: a future waits for a std::chrono::duration: get_for(5s) or wait_for(5ms)");
        return true;
    }
};

template<class F>
concept no_pool = !std::is_base_of_v<thread_pool, std::remove_cvref_t<F>>;

struct then_usage {
    template<class F>
    static constexpr auto says() { // deduced: the sentence comes before an error about a variable of type void
        static_assert(never<F>, "hocket: then takes a callable, and perhaps a pool before it: future.then(f). A task "
                                "with options is submit(f, future, submit_options{.name = \"load\"})");
    }
};

/// The common part of both kinds of future. `holders` says which of them may want the result when a waiting thread does
/// not.
template<class T, wanted_by holders = wanted_by::others>
class future_handle : public members_of_other_futures {
  public:
    /// Whether the future stands for a result: it was not default constructed, moved from or used up.
    [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(state_); }

    /// Whether the result, a value or an error, is available. **Blocks** never. **Throws** std::logic_error if not
    /// `valid()`.
    [[nodiscard]] bool ready() const { return require().complete(); }

    /// Returns when the result is available. **Blocks** until then. Meanwhile it runs the task that computes the result
    /// if no thread has begun it, or tasks that this task needs, and no others. When there are none of these, another
    /// thread uses the core of the worker until the result is available. A loop, join, group, graph or task around the
    /// wait may be stopped or fail meanwhile. Then tasks that a body has started and waits for are stopped as well; a
    /// task that has not begun fails with `operation_cancelled` at once. **Throws** std::logic_error if not `valid()`,
    /// when a task would wait for itself, and in a child of fork() whose parent had not finished the task. Never throws
    /// the exception of the task: `get()` does.
    void wait() const { detail::wait_for_state(require(), holders); }

    /// Says what `then` takes.
    template<class F>
        requires no_pool<F>
    auto then(F&&, submit_options const&) const { then_usage::says<F>(); }
    template<class F, class More, class... Rest>
        requires no_pool<F>
    auto then(F&&, More&&, Rest&&...) const { then_usage::says<F>(); }

    /// Waits for at most `time`, and returns whether the result is available. Runs nothing meanwhile.
    template<class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> const& time) const {
        using clock = detail::monotonic_clock;
        if (ready()) return true;
        clock::time_point const now = clock::now();
        bool const endless = time > std::chrono::duration<double>(clock::time_point::max() - now) / 2;
        return detail::wait_for_state_until(
            require(), endless ? clock::time_point::max()
                               : now + std::chrono::duration_cast<clock::duration>(
                                           time < time.zero() ? std::chrono::duration<Rep, Period>::zero() : time));
    }

    /// Says what a time is.
    bool wait_for(anything<time_usage>) const { return false; }
    bool get_for(anything<time_usage>) const { return false; }

    /// Waits until a point in time, and returns whether the result is available. Runs nothing meanwhile.
    template<class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> const& when) const {
        for (auto now = Clock::now(); now < when; now = Clock::now())
            if (wait_for(when - now)) return true;
        return ready();
    }

    /// For the library: the state.
    detail::future_state<T>* state() const noexcept { return state_.get(); }
    /// For the library: the state, with this holder's reference.
    detail::state_reference<detail::future_state<T>> take_state() {
        require();
        return std::move(state_);
    }

  protected:
    future_handle() = default;
    explicit future_handle(future_state<T>* adopted) noexcept : state_(adopted) {}
    explicit future_handle(state_reference<future_state<T>> from) noexcept : state_(std::move(from)) {}

    future_state<T>& require() const {
        if (!state_) [[unlikely]]
            throw_no_state();
        return *state_;
    }
    /// Waits when the future is dropped, if its type asks for that.
    void wait_if_awaited() const noexcept {
        if (state_ && state_->type->awaited && !state_->complete()) [[unlikely]]
            detail::wait_for_dropped(*state_);
    }
    future_state<T>& require_value() const {
        future_state<T>& state = require();
        detail::wait_for_state(state, holders, wait_goal::value);
        if (state.failed()) [[unlikely]]
            std::rethrow_exception(state.error());
        return state;
    }
    std::add_lvalue_reference_t<T> lasting_value() const {
        [[maybe_unused]] future_state<T>& state = require_value();
        if constexpr (std::is_reference_v<T>)
            return *state.value();
        else if constexpr (!std::is_void_v<T>)
            return state.value();
    }
    /// Returns a pointer to the value, or true for void; null or false when the time is over.
    template<class Rep, class Period>
    auto value_within(std::chrono::duration<Rep, Period> const& time) const {
        bool const in_time = wait_for(time);
        if constexpr (std::is_void_v<T>) {
            if (in_time) (void)require_value();
            return in_time;
        } else {
            return in_time ? std::addressof(lasting_value()) : nullptr;
        }
    }
    /// Returns the pool on which continuations run.
    scheduler& home() const {
        scheduler* const pool = require().sched;
        bool const inside = this_slot != nullptr && this_slot->sched == pool;
        if (inside || (pool != nullptr && pools_of_process.contains(pool))) return *pool;
        return current_pool().sched();
    }

    state_reference<future_state<T>> state_;
};

} // namespace detail

/// A result that is or will be available: a T, a reference, nothing (void), or an exception. It belongs to one holder:
/// move it, or `share()` it. Dropping a future leaves its task alone; only the future of a run of a graph waits for the
/// run.
///
/// **Threads** each object for one thread at a time. **Order** what the task has done happens before `get` and `wait`
/// return and before its continuations run.
template<class T>
class future : public detail::future_handle<T, detail::wanted_by::owner> {
    using base = detail::future_handle<T, detail::wanted_by::owner>;

  public:
    future() = default;
    future(future&&) noexcept = default;
    future& operator=(future&&) noexcept = default;
    ~future() {
        if constexpr (std::is_void_v<T>) this->wait_if_awaited();
    }
    /// Rejects a copy, and says what to do instead.
    template<class Same>
        requires std::is_same_v<Same, future> future(Same&) { say_no_copies<Same>(); }
    template<class Same>
    requires std::is_same_v<Same, future> future& operator=(Same&) {
        say_no_copies<Same>();
        return *this;
    }

    /// Returns the value once it is available. Of a lasting future it is a reference to the value in the state. Of a
    /// temporary (`std::move(f).get()`, `submit(g).get()`) it is the value itself, and the future is used up. It is a
    /// copy of the value while other readers may still read it: tasks or other handles that got this future as a named
    /// one. **Blocks** as `wait()`. **Throws** as `wait()`, and each time the exception of the task that computed the
    /// value; `operation_cancelled` if the body around the wait has started the task, has lent the future to nothing
    /// else, and was stopped before another thread had ended the task; of a temporary std::logic_error if others may
    /// read a value that cannot be copied.
    std::add_lvalue_reference_t<T> get() & { return this->lasting_value(); }
    std::add_lvalue_reference_t<std::add_const_t<T>> get() const& { return this->lasting_value(); }
    T get() && {
        future const taken(std::move(*this));
        detail::future_state<T>& state = taken.require();
        detail::wait_for_state(state, detail::wanted_by::caller, detail::wait_goal::value);
        // The caller gets the only reference to an error: the task's own reference to the state may end later than the
        // handler.
        if (state.failed()) [[unlikely]]
            std::rethrow_exception(state.take_error());
        return state.take();
    }
    T get() const&& = delete;

    /// Returns the value if it is available within that time: `if (int* x = f.get_for(50ms)) use(*x);`. Of a lasting
    /// future it is a pointer to the value, or null when the time is over. Of a temporary
    /// (`std::move(f).get_for(50ms)`) it is a std::optional of the value, which is moved out. When the time is over it
    /// is empty, and the future is as before. Of references it is a pointer in both cases, of void a bool. **Blocks**
    /// and **Throws** as `wait_for`, and throws the exception of the task that computed the value.
    using base::get_for;
    template<class Rep, class Period>
    auto get_for(std::chrono::duration<Rep, Period> const& time) & {
        return this->value_within(time);
    }
    template<class Rep, class Period>
    auto get_for(std::chrono::duration<Rep, Period> const& time) const& {
        if constexpr (std::is_object_v<T>)
            return static_cast<T const*>(this->value_within(time));
        else
            return this->value_within(time);
    }
    template<class Rep, class Period>
    auto get_for(std::chrono::duration<Rep, Period> const& time) && {
        if constexpr (std::is_object_v<T>)
            return this->wait_for(time) ? std::optional<T>(std::move(*this).get()) : std::optional<T>();
        else
            return this->value_within(time);
    }

    /// Calls `f` with the value when it is available, and returns the future of the result. The call is a task of the
    /// pool that computes the value. If no pool computes it, or that pool has ended, the call is a task of the pool
    /// whose worker is calling. Outside of a pool it is a task of the default pool.
    ///
    /// A named future stays usable: `f` gets the value as a const reference, or a copy if it takes only an rvalue. Of
    /// `std::move(future)` it gets the value itself, and the future is used up. If this future fails, `f` is not called
    /// and the result fails with the same exception. The destructor of the pool does not wait for the value: if it
    /// comes first, `f` is never called, and the result fails with `pool_ended` when the value comes. A callable that
    /// takes a `future<T>` instead gets this future itself, or another handle of a named one, ready, failed or not. A
    /// future returned by `f` is unpacked: the result is the value of that future.
    ///
    /// **Blocks** never: `f` is called after `then` has returned, or on another thread. **Throws** std::logic_error if
    /// not `valid()`, std::bad_alloc, what copying `f` throws. **Cost** some ten nanoseconds, nothing from the heap in
    /// steady state. A chain is cheapest by `std::move(future).then(f)`: a thread that waits for its last future runs
    /// all of it, if no other thread does. A worker runs the continuation of a named future.
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(F&& f) && {
        detail::scheduler& pool = this->home();
        return detail::attach<T>(pool, std::move(*this), std::forward<F>(f));
    }
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(F&& f) const& {
        detail::future_state<T>& state = this->require();
        return detail::attach_lent<T>(this->home(), state, std::forward<F>(f));
    }
    /// Calls `f` in another pool, otherwise as the overload without a pool.
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(thread_pool& pool, F&& f) && {
        this->require();
        return detail::attach<T>(pool.sched(), std::move(*this), std::forward<F>(f));
    }
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(thread_pool& pool, F&& f) const& {
        return detail::attach_lent<T>(pool.sched(), this->require(), std::forward<F>(f));
    }
    using base::then; // which says what it takes
    /// Says that `get` waits as long as it takes.
    template<class Time>
    auto get(Time&&) const {
        static_assert(detail::never<Time>,
                      "hocket: future::get takes no arguments: write get_for(5s) to wait for at most that time");
    }

    /// Returns this result for many holders. A named future stays usable; a temporary is used up.
    shared_future<T> share() && {
        this->require();
        return shared_future<T>(std::move(*this));
    }
    shared_future<T> share() const& { return shared_future<T>(again()); }

    /// For the library: takes over one reference.
    explicit future(detail::future_state<T>* adopted) noexcept : base(adopted) {}
    /// For the library: another handle.
    future again() const { return detail::another_handle(this->require()); }
    /// For the library: the error for a result that was to be computed from this one. The caller gets the only
    /// reference to the error: its handler is the last holder.
    std::exception_ptr hand_on_error() noexcept { return this->state()->take_error(); }

  private:
    friend class shared_future<T>;

    template<class Same>
    static void say_no_copies() {
        static_assert(detail::never<Same>, "hocket: a future has one owner and cannot be copied: move it by "
                                           "std::move(future), or share it by shared_future<T> s = future.share()");
    }
};

/// A result with any number of holders: copies stand for one result. `get()` gives a const reference to the one value.
/// **Threads** each object for one thread at a time; copies may be used at once.
template<class T>
class [[nodiscard]] shared_future : public detail::future_handle<T> {
    using base = detail::future_handle<T>;

  public:
    shared_future() = default;
    shared_future(future<T>&& from) noexcept : base(std::move(from.state_)) {}

    /// Returns the value once it is available; it lives as long as some holder. **Blocks** and **Throws** as
    /// `future::get`.
    std::add_lvalue_reference_t<std::add_const_t<T>> get() const { return this->lasting_value(); }

    /// Returns a pointer to the value or null, of void a bool, as `future::get_for`.
    template<class Rep, class Period>
    auto get_for(std::chrono::duration<Rep, Period> const& time) const {
        if constexpr (std::is_object_v<T>)
            return static_cast<T const*>(this->value_within(time));
        else
            return this->value_within(time);
    }

    /// Calls `f` with the value as `future::then` does, any number of times: `f` gets a `T const&`, or a
    /// `shared_future<T>`.
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(F&& f) const {
        return detail::attach<T>(this->home(), shared_future(*this), std::forward<F>(f));
    }
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(thread_pool& pool, F&& f) const {
        this->require();
        return detail::attach<T>(pool.sched(), shared_future(*this), std::forward<F>(f));
    }
    using base::then; // which says what it takes

    /// For the library: takes over one reference.
    explicit shared_future(detail::future_state<T>* adopted) noexcept : base(adopted) {}
    /// For the library: the error for a result that was to be computed from this one.
    std::exception_ptr hand_on_error() const noexcept { return this->state()->error(); }
};

/// Returns a future that is ready. **Cost** one block of the slabs.
template<class T>
future<std::decay_t<T>> make_ready_future(T&& value) {
    auto* const state = detail::make_state<std::decay_t<T>>(nullptr, 1);
    future<std::decay_t<T>> ready(state);
    state->set_value(std::forward<T>(value));
    return ready;
}
future<void> make_ready_future();

/// Returns a future that has failed.
template<class T>
future<T> make_exceptional_future(std::exception_ptr error) {
    if (error == nullptr) throw std::invalid_argument("hocket: make_exceptional_future is given no exception");
    auto* const state = detail::make_state<T>(nullptr, 1);
    state->set_exception(std::move(error));
    return future<T>(state);
}
template<class T, class Error>
future<T> make_exceptional_future(Error error) {
    return make_exceptional_future<T>(std::make_exception_ptr(std::move(error)));
}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/future/future.ipp>
#endif
