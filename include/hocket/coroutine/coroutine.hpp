// SPDX-License-Identifier: MIT
// Coroutines that run in pools. Public: `task<T>`, `submit` for one, `sync_wait`.
#pragma once

#include <hocket/coroutine/awaitables.hpp>
#include <hocket/coroutine/coroutine_run.hpp>
#include <hocket/coroutine/coroutine_state.hpp>
#include <hocket/coroutine/foreign_awaiter.hpp>
#include <hocket/coroutine/usage.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/memory/slab.hpp>

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

template<class T = void>
class task;

namespace detail {

/// The base of the promise of every task<T>, at the beginning of its frame.
class coroutine_promise_base {
  public:
    static void* operator new(std::size_t bytes) { return slab_allocate(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { slab_release(frame, bytes); }

    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template<class Promise>
        void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            coroutine_promise_base& promise = ended.promise();
            trampoline& here = *promise.run->here;
            if (promise.awaited_by)
                here.next = promise.awaited_by;
            else
                here.ended = promise.run;
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }

    template<class U>
    auto await_transform(task<U>&& child);
    template<class U>
    auto await_transform(task<U>& child);
    template<class U>
    auto await_transform(future<U>&& from) {
        run->throw_if_stopped();
        return future_awaiter<future<U>&&>(*run, std::move(from));
    }
    template<class U>
    auto await_transform(future<U>& from) {
        run->throw_if_stopped();
        return future_awaiter<future<U>&>(*run, from);
    }
    template<class U>
    auto await_transform(future<U> const& from) {
        run->throw_if_stopped();
        return future_awaiter<future<U> const&>(*run, from);
    }
    template<class U>
    auto await_transform(shared_future<U> const& from) {
        run->throw_if_stopped();
        return future_awaiter<shared_future<U> const&>(*run, from);
    }
    auto await_transform(schedule_awaitable const& where) {
        run->throw_if_stopped();
        return schedule_awaiter(*run, where.pool());
    }
    auto await_transform(sleep_awaitable time) {
        run->throw_if_stopped();
        return sleep_awaiter(*run, time.due);
    }

    /// An awaitable of hocket, such as that of async_mutex, which knows runs.
    template<class Awaitable>
        requires requires(Awaitable&& awaitable, coroutine_run& in) {
            std::forward<Awaitable>(awaitable).awaiter_in(in);
        }
    auto await_transform(Awaitable&& awaitable) {
        run->throw_if_stopped();
        return std::forward<Awaitable>(awaitable).awaiter_in(*run);
    }
    template<foreign_awaitable Awaitable>
    auto await_transform(Awaitable&& awaitable) {
        run->throw_if_stopped();
        return foreign_awaiter<Awaitable>(*run, std::forward<Awaitable>(awaitable));
    }
    /// Says what can be awaited.
    std::suspend_never await_transform(anything<await_usage>) { return {}; }

    coroutine_run* run = nullptr;           // set while the coroutine runs or is suspended
    std::coroutine_handle<> awaited_by;     // null: only the run awaits it
    coroutine_promise_base* next = nullptr; // among frames that are to be destroyed
};

/// Destroys frames that hold other frames. Frames below a certain depth are destroyed after the outermost, one after
/// the other.
class frame_destroyer {
  public:
    static void destroy(std::coroutine_handle<> frame, coroutine_promise_base& promise) noexcept;

  private:
    static inline constinit thread_local unsigned depth = 0;
    static inline constinit thread_local coroutine_promise_base* waiting = nullptr;
};

/// The storage for the result or the exception of a coroutine.
template<class T>
class coroutine_result {
  public:
    coroutine_result() noexcept {}
    ~coroutine_result() { clear(); }
    coroutine_result(coroutine_result const&) = delete;
    coroutine_result& operator=(coroutine_result const&) = delete;

    template<class... Args>
    void set(Args&&... args) {
        ::new (static_cast<void*>(std::addressof(room_.value))) stored_value<T>(std::forward<Args>(args)...);
        state_ = state::value;
    }
    void set_error(std::exception_ptr error) noexcept {
        clear();
        ::new (static_cast<void*>(&room_.error)) std::exception_ptr(std::move(error));
        state_ = state::error;
    }
    T take() {
        if (state_ == state::error) std::rethrow_exception(std::move(room_.error));
        if constexpr (std::is_reference_v<T>)
            return static_cast<T>(*room_.value);
        else if constexpr (!std::is_void_v<T>)
            return std::move(room_.value);
    }

  private:
    enum class state : unsigned char { nothing, value, error };

    void clear() noexcept {
        if (state_ == state::value)
            std::destroy_at(std::addressof(room_.value));
        else if (state_ == state::error)
            std::destroy_at(&room_.error);
        state_ = state::nothing;
    }

    union room {
        room() noexcept {}
        ~room() {}
        stored_value<T> value;
        std::exception_ptr error;
    } room_;
    state state_ = state::nothing;
};

template<class T>
class coroutine_promise : public coroutine_promise_base {
  public:
    task<T> get_return_object() noexcept;
    void unhandled_exception() noexcept { result.set_error(std::current_exception()); }
    template<std::convertible_to<T> From = T>
    void return_value(From&& from) {
        if constexpr (std::is_reference_v<T>)
            result.set(std::addressof(static_cast<T>(from)));
        else
            result.set(std::forward<From>(from));
    }
    /// Says that the coroutine returns another type.
    template<class From>
        requires(!std::convertible_to<From, T>)
    auto return_value(From&&) {
        static_assert(never<From>, "hocket: the value of co_return does not convert to the T of the task<T> that the "
                                   "coroutine returns");
    }

    coroutine_result<T> result;
};

template<>
class coroutine_promise<void> : public coroutine_promise_base {
  public:
    task<void> get_return_object() noexcept;
    void unhandled_exception() noexcept { result.set_error(std::current_exception()); }
    void return_void() { result.set(); }

    coroutine_result<void> result;
};

} // namespace detail

/// A coroutine that runs in a pool. It begins when another task awaits it, when it is submitted, or when `sync_wait`
/// waits for it. A coroutine that never begins is just destroyed.
///
/// In it `co_await` takes another `task` (which runs in its place, as a call would), a future, `pool.schedule()` and
/// `sleep_for`. It also takes the awaitables of async_mutex, async_semaphore, async_event and channel, and those of
/// every other library, which may resume it on any thread.
///
/// While a coroutine waits for anything but a `task` it occupies no thread. It goes on as a task of its pool, perhaps
/// on another thread. So hold no lock and no reference to thread-specific data across a `co_await`. All tasks of a
/// chain share a pool and a stop token. Once the token is requested, `co_await` of anything but a task throws
/// `operation_cancelled`.
///
/// **Throws** calling the coroutine throws std::bad_alloc when there is no memory for its frame. **Cost** the frame
/// lies in the slabs.
template<class T>
class [[nodiscard]] task {
  public:
    using promise_type = detail::coroutine_promise<T>;
    using handle = std::coroutine_handle<promise_type>;

    task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
    /// Rejects a copy, and says what to do instead.
    template<class Same>
        requires std::is_same_v<Same, task> task(Same&) {
            static_assert(detail::never<Same>, "hocket: a task has one owner and cannot be copied: move it by "
                                               "std::move(task)");
        }
    task& operator=(task&& other) noexcept {
        task taken(std::move(other));
        std::swap(coroutine_, taken.coroutine_);
        return *this;
    }
    ~task() {
        if (coroutine_) detail::frame_destroyer::destroy(coroutine_, coroutine_.promise());
    }

    /// Returns whether there is a coroutine: the task was not moved from.
    [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(coroutine_); }

    /// Says how to get the value.
    template<class... Args>
    auto get(Args&&...) const {
        static_assert(detail::never<Args...>, "hocket: a task begins when it is awaited or submitted: write co_await "
                                              "task, sync_wait(task), or submit(task).get()");
    }

    /// For the library: takes a coroutine over.
    explicit task(handle coroutine) noexcept : coroutine_(coroutine) {}
    /// Returns the coroutine. **Throws** std::logic_error when there is none, or it was begun before.
    handle require_new() const {
        if (!coroutine_ || coroutine_.promise().run != nullptr)
            throw std::logic_error("hocket: this task was already moved from, submitted or awaited");
        return coroutine_;
    }
    handle coroutine() const noexcept { return coroutine_; }
    T take() { return coroutine_.promise().result.take(); }

  private:
    handle coroutine_;
};

namespace detail {

template<class T>
task<T> coroutine_promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<coroutine_promise>::from_promise(*this));
}
inline task<void> coroutine_promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<coroutine_promise>::from_promise(*this));
}

/// Awaits a task. The awaiting coroutine lives longer than the awaited one, and keeps it.
template<class T>
class task_awaiter {
  public:
    task_awaiter(coroutine_run& run, task<T>& child) : child_(child) { child.require_new().promise().run = &run; }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
        std::coroutine_handle<coroutine_promise<T>> const callee = child_.coroutine();
        callee.promise().awaited_by = waiting;
        callee.promise().run->here->next = callee;
    }
    T await_resume() { return child_.take(); }

  private:
    task<T>& child_;
};

template<class U>
auto coroutine_promise_base::await_transform(task<U>&& child) {
    return task_awaiter<U>(*run, child);
}
template<class U>
auto coroutine_promise_base::await_transform(task<U>& child) {
    return task_awaiter<U>(*run, child);
}

template<class T>
future<T> submit_coroutine(scheduler& pool, task<T>&& from, submit_options const* options) {
    pool.require_this_process();
    if (options != nullptr) check_options(pool, *options);
    coroutine_state<T>* const state = coroutine_state<T>::make(pool, std::move(from));
    future<T> result(state);
    if (options != nullptr) {
        state->stop_by(options->stop);
        state->name = options->name;
        state->level = options->priority;
        if (options->on.has_value()) state->rank = static_cast<std::uint32_t>(*options->on);
    }
    if (options != nullptr && options->after > options->after.zero())
        state->start_after(options->after);
    else
        state->start();
    return result;
}

template<class T>
T run_coroutine(scheduler& pool, task<T>&& from) {
    pool.require_this_process();
    coroutine_state<T>* const state = coroutine_state<T>::make(pool, std::move(from));
    future<T> result(state);
    state->start();
    try {
        wait_for_state(*state, wanted_by::caller);
    } catch (...) {
        end_before_caller(*state);
        throw;
    }
    return std::move(result).get();
}

} // namespace detail

/// Starts a coroutine in a pool and returns the future of its result. The pool's destructor waits for it.
///
/// **Threads** any. **Blocks** never. **Throws** std::logic_error for a task that was begun before or moved from, and
/// in a child of fork(); std::bad_alloc; std::invalid_argument for bad options. Exceptions of the coroutine come out of
/// the future.
template<class T>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] future<T> submit(thread_pool& pool, task<T> coroutine) {
    return detail::submit_coroutine(pool.sched(), std::move(coroutine), nullptr);
}
template<class T>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] future<T> submit(thread_pool& pool, task<T> coroutine, submit_options options) {
    return detail::submit_coroutine(pool.sched(), std::move(coroutine), &options);
}
template<class T>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] future<T> submit(task<T> coroutine) {
    return detail::submit_coroutine(detail::current_pool().sched(), std::move(coroutine), nullptr);
}
template<class T>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] future<T> submit(task<T> coroutine, submit_options options) {
    return detail::submit_coroutine(detail::current_pool().sched(), std::move(coroutine), &options);
}

/// Runs a coroutine and returns its result. **Blocks** until then; the caller takes part, as in `future::get`.
/// **Throws** as `submit`, as `future::wait`, and the exceptions of the coroutine. When the wait itself fails, as when
/// the coroutine needs what the caller runs, the coroutine is stopped, and it has ended before the error comes out.
template<class T>
T sync_wait(thread_pool& pool, task<T> coroutine) {
    return detail::run_coroutine(pool.sched(), std::move(coroutine));
}
template<class T>
T sync_wait(task<T> coroutine) {
    return detail::run_coroutine(detail::current_pool().sched(), std::move(coroutine));
}

/// Says what sync_wait takes.
template<class None = void>
auto sync_wait() {
    (void)detail::sync_wait_usage::says<None>();
}
inline void sync_wait(detail::anything<detail::sync_wait_usage>, detail::anything_else = {}, detail::anything_else = {},
                      detail::anything_else = {}) {}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/coroutine/coroutine.ipp>
#include <hocket/coroutine/usage.hpp>
#endif
