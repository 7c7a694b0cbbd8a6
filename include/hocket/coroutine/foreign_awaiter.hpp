// SPDX-License-Identifier: MIT
// Awaits awaitables of other libraries. They see a handle that hands the coroutine to its pool when it is resumed.
// Caller: coroutine/coroutine.hpp.
#pragma once

#include <hocket/coroutine/coroutine_run.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/pool/schedule_awaitable.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

template<class T>
concept is_awaiter = requires(T& awaiter, std::coroutine_handle<> waiting) {
    awaiter.await_ready() ? 0 : 1;
    awaiter.await_suspend(waiting);
    awaiter.await_resume();
};
template<class T>
concept has_member_co_await = requires(T&& awaitable) {
    std::forward<T>(awaitable).operator co_await();
};
template<class T>
concept has_free_co_await = requires(T&& awaitable) {
    operator co_await(std::forward<T>(awaitable));
};
/// An awaitable of any coroutine, but for a turn in a pool: a `task` moves to that pool by itself.
template<class T>
concept foreign_awaitable = !std::same_as<std::remove_cvref_t<T>, schedule_awaitable> &&
                            (has_member_co_await<T> || has_free_co_await<T> || is_awaiter<std::remove_reference_t<T>>);

template<class T>
decltype(auto) awaiter_of(T&& awaitable) {
    if constexpr (has_member_co_await<T>)
        return std::forward<T>(awaitable).operator co_await();
    else if constexpr (has_free_co_await<T>)
        return operator co_await(std::forward<T>(awaitable));
    else
        return static_cast<T&&>(awaitable);
}

/// A coroutine of which only the handle is used: resuming it wakes the run. It is suspended by then, so it may be
/// destroyed at once.
struct resume_hook {
    struct promise_type {
        explicit promise_type(coroutine_run& its_run) noexcept : run(&its_run) {}
        static void* operator new(std::size_t bytes) { return slab_allocate(bytes); }
        static void operator delete(void* frame, std::size_t bytes) noexcept { slab_release(frame, bytes); }

        struct final_awaiter {
            bool await_ready() const noexcept { return false; }
            HOCKET_NOINLINE void await_suspend(std::coroutine_handle<promise_type> hook) const noexcept {
                hook.promise().run->wake();
            }
            void await_resume() const noexcept {}
        };

        resume_hook get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        final_awaiter final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept {}

        coroutine_run* run;
    };

    static resume_hook of(coroutine_run&) { co_return; }

    std::coroutine_handle<promise_type> handle;
};

/// Awaits an Awaitable of another library for a coroutine of hocket, which goes on in its pool.
template<class Awaitable>
class foreign_awaiter {
  public:
    foreign_awaiter(coroutine_run& its_run, Awaitable&& awaitable)
        : run_(its_run), awaiter_(awaiter_of(std::forward<Awaitable>(awaitable))) {}
    foreign_awaiter(foreign_awaiter const&) = delete;
    foreign_awaiter& operator=(foreign_awaiter const&) = delete;
    ~foreign_awaiter() {
        if (hook_) hook_.destroy();
    }

    bool await_ready() { return static_cast<bool>(awaiter_.await_ready()); }
    bool await_suspend(std::coroutine_handle<> waiting) {
        run_.suspend(waiting);
        std::coroutine_handle<> const hook = resume_hook::of(run_).handle;
        hook_ = hook;
        using answer = decltype(awaiter_.await_suspend(hook)); // after the call the coroutine may go on elsewhere
        if constexpr (std::is_void_v<answer>) {
            awaiter_.await_suspend(hook);
            return true;
        } else if constexpr (std::is_same_v<answer, bool>) {
            return awaiter_.await_suspend(hook);
        } else {
            std::coroutine_handle<> const next = awaiter_.await_suspend(hook);
            if (next == hook) return false;
            next.resume();
            return true;
        }
    }
    decltype(auto) await_resume() { return awaiter_.await_resume(); }

  private:
    coroutine_run& run_;
    decltype(awaiter_of(std::declval<Awaitable>())) awaiter_;
    std::coroutine_handle<> hook_;
};

} // namespace hocket::detail
