// SPDX-License-Identifier: MIT
// Results that will be there later: future, shared_future, make_ready_future, make_exceptional_future. Public.
#pragma once

#include <hocket/future/future_state.hpp>
#include <hocket/future/future_wait.hpp>
#include <hocket/future/then_job.hpp>
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

/// The error of a future whose promise was destroyed without having been kept.
class broken_promise : public std::logic_error {
  public:
    broken_promise()
        : std::logic_error("hocket: broken promise: it was destroyed before anybody set a value or an exception") {}
};

namespace detail {

[[noreturn]] [[gnu::cold]] void throw_no_state();

/// What both kinds of future can do. `holders`: which of them may want the result when a thread that waits does not.
template<class T, wanted_by holders = wanted_by::others>
class future_handle {
  public:
    /// Whether it stands for a result: not default constructed, moved from or used up.
    [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(state_); }

    /// Whether the result, a value or an error, is there. **Blocks** never. **Throws** std::logic_error if not
    /// `valid()`.
    [[nodiscard]] bool ready() const { return require().complete(); }

    /// Returns when the result is there. **Blocks** until then; meanwhile it runs the task that computes it if nobody
    /// has begun it, or tasks that this one needs, and no others. When there is none of these, a worker's core is
    /// another thread's until the result is there. Within a loop, join, group, graph or task that is stopped or fails
    /// meanwhile, what a body has started and waits for is stopped as well; if it has not begun, it fails with
    /// `operation_cancelled` at once. **Throws** std::logic_error if not `valid()`, when a task would wait for itself,
    /// and in a child of fork() whose parent had not finished it. Never what the task has thrown: that is for `get()`.
    void wait() const { detail::wait_for_state(require(), holders); }

    /// The same for at most that long; whether the result is there. Runs nothing meanwhile.
    template<class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> const& time) const {
        using clock = std::chrono::steady_clock;
        if (ready()) return true;
        clock::time_point const now = clock::now();
        bool const endless = time > std::chrono::duration<double>(clock::time_point::max() - now) / 2;
        return detail::wait_for_state_until(
            require(), endless ? clock::time_point::max()
                               : now + std::chrono::duration_cast<clock::duration>(
                                           time < time.zero() ? std::chrono::duration<Rep, Period>::zero() : time));
    }

    /// The same until a point in time.
    template<class Clock, class Duration>
    bool wait_until(std::chrono::time_point<Clock, Duration> const& when) const {
        for (auto now = Clock::now(); now < when; now = Clock::now())
            if (wait_for(when - now)) return true;
        return ready();
    }

    /// For the library.
    detail::future_state<T>* state() const noexcept { return state_.get(); }
    /// For the library: with this holder's reference.
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
    /// For a future that is dropped.
    void wait_if_awaited() const noexcept {
        if (state_ && state_->type->awaited && !state_->complete()) [[unlikely]]
            detail::wait_for_dropped(*state_);
    }
    future_state<T>& require_value() const {
        future_state<T>& state = require();
        detail::wait_for_state(state, holders);
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
    /// A pointer to the value, or true for void; null or false when the time is over.
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
    /// Where continuations run.
    scheduler& home() const {
        scheduler* const pool = require().sched;
        bool const inside = this_context != nullptr && this_context->sched == pool;
        if (inside || (pool != nullptr && pools_of_process.contains(pool))) return *pool;
        return current_pool().sched();
    }

    state_reference<future_state<T>> state_;
};

} // namespace detail

/// A result that is there or will be: a T, a reference, nothing (void), or an exception. It belongs to one holder: move
/// it, or `share()` it. Dropping it leaves the task alone (but that of a run of a graph waits for it).
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
    /// Say what to do in place of a copy.
    template<class Same>
        requires std::is_same_v<Same, future> future(Same&) { say_no_copies<Same>(); }
    template<class Same>
    requires std::is_same_v<Same, future> future& operator=(Same&) {
        say_no_copies<Same>();
        return *this;
    }

    /// The value, once it is there. Of a lasting future a reference to where it lies; of a temporary
    /// (`std::move(f).get()`, `submit(g).get()`) the value itself, and the future is used up; a copy of the value,
    /// while tasks or other handles that this future was passed to as a named one may still read it. **Blocks** and
    /// **Throws** as `wait()`; and the exception of what computed it, each time; of a temporary std::logic_error if
    /// others may read a value that cannot be copied.
    std::add_lvalue_reference_t<T> get() & { return this->lasting_value(); }
    std::add_lvalue_reference_t<std::add_const_t<T>> get() const& { return this->lasting_value(); }
    T get() && {
        future const taken(std::move(*this));
        detail::future_state<T>& state = taken.require();
        detail::wait_for_state(state, detail::wanted_by::caller);
        // The caller gets all of an error: the task's own reference to the state may end later than the handler.
        if (state.failed()) [[unlikely]]
            std::rethrow_exception(state.take_error());
        return state.take();
    }
    T get() const&& = delete;

    /// The value, if it is there within that time: `if (int* x = f.get_for(50ms)) use(*x);`. Of a lasting future a
    /// pointer to the value, or null when the time is over. Of a temporary (`std::move(f).get_for(50ms)`) a
    /// std::optional of the value, which is moved out; when the time is over it is empty, and the future is as before.
    /// Of references a pointer in both cases, of void a bool. **Blocks** and **Throws** as `wait_for`, and the
    /// exception of what computed it.
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

    /// Calls `f` with the value when it is there, as a task of the pool that computes the value, and returns the future
    /// of its result. (Where nobody computes it, or that pool has ended, of the pool whose worker is calling, else the
    /// default pool.) A named future stays usable: `f` gets the value as a const reference, or a copy if it takes only
    /// an rvalue. Of `std::move(future)` it gets the value itself, and the future is used up. If this future fails, `f`
    /// is not called and the result fails with the same exception. If the pool is destroyed before the value is there,
    /// it does not wait for it: `f` is never called, and the result fails with `pool_ended` when the value comes. A
    /// callable that takes a `future<T>` instead gets this future itself, or another handle of a named one, ready,
    /// failed or not. A future returned by `f` is unpacked: the result is what that one will hold. **Blocks** never:
    /// `f` is not called before `then` has returned, or on another thread. **Throws** std::logic_error if not
    /// `valid()`, std::bad_alloc, what copying `f` throws. **Cost** some ten nanoseconds, nothing from the heap in
    /// steady state. A chain is cheapest by `std::move(future).then(f)`: a thread that waits for its end runs all of
    /// it, if no other does. The continuation of a named future is run by a worker.
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
    /// Calls `f` in another pool.
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(thread_pool& pool, F&& f) && {
        this->require();
        return detail::attach<T>(pool.sched(), std::move(*this), std::forward<F>(f));
    }
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(thread_pool& pool, F&& f) const& {
        return detail::attach_lent<T>(pool.sched(), this->require(), std::forward<F>(f));
    }

    /// The same result for many holders. A named future stays usable; a temporary is used up.
    shared_future<T> share() && {
        this->require();
        return shared_future<T>(std::move(*this));
    }
    shared_future<T> share() const& { return shared_future<T>(again()); }

    /// For the library: takes over one reference.
    explicit future(detail::future_state<T>* adopted) noexcept : base(adopted) {}
    /// For the library: another handle.
    future again() const { return detail::another_handle(this->require()); }
    /// For the library: the error for what was to be computed from this. All of it: who handles it is the last to hold
    /// it.
    std::exception_ptr hand_on_error() noexcept { return this->state()->take_error(); }

  private:
    friend class shared_future<T>;

    template<class Same>
    static void say_no_copies() {
        static_assert(detail::never<Same>, "hocket: a future belongs to one holder and is not copied: move it by "
                                           "std::move(future), or share it by shared_future<T> s = future.share()");
    }
};

/// A result with any number of holders: copies stand for the same one. `get()` gives a const reference to the one
/// value. **Threads** each object for one thread at a time; copies may be used at once.
template<class T>
class [[nodiscard]] shared_future : public detail::future_handle<T> {
    using base = detail::future_handle<T>;

  public:
    shared_future() = default;
    shared_future(future<T>&& from) noexcept : base(std::move(from.state_)) {}

    /// The value, once it is there; it lives as long as some holder. **Blocks** and **Throws** as `future::get`.
    std::add_lvalue_reference_t<std::add_const_t<T>> get() const { return this->lasting_value(); }

    /// As `future::get_for`: a pointer to the value, or null; of void a bool.
    template<class Rep, class Period>
    auto get_for(std::chrono::duration<Rep, Period> const& time) const {
        if constexpr (std::is_object_v<T>)
            return static_cast<T const*>(this->value_within(time));
        else
            return this->value_within(time);
    }

    /// As `future::then`, any number of times: the callable gets a `T const&`, or a `shared_future<T>`.
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(F&& f) const {
        return detail::attach<T>(this->home(), shared_future(*this), std::forward<F>(f));
    }
    template<class F>
    [[nodiscard(HOCKET_DROPPED_FUTURE)]] auto then(thread_pool& pool, F&& f) const {
        this->require();
        return detail::attach<T>(pool.sched(), shared_future(*this), std::forward<F>(f));
    }

    /// For the library: takes over one reference.
    explicit shared_future(detail::future_state<T>* adopted) noexcept : base(adopted) {}
    /// For the library: the error for what was to be computed from this.
    std::exception_ptr hand_on_error() const noexcept { return this->state()->error(); }
};

/// A future that is ready. **Cost** one block of the slabs.
template<class T>
future<std::decay_t<T>> make_ready_future(T&& value) {
    auto* const state = detail::make_state<std::decay_t<T>>(nullptr, 1);
    future<std::decay_t<T>> ready(state);
    state->set_value(std::forward<T>(value));
    return ready;
}
future<void> make_ready_future();

/// A future that has failed.
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
