// SPDX-License-Identifier: MIT
// Starting a task and getting the future of its result: submit. Public.
#pragma once

#include <hocket/base/lasting_error.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/futures_argument.hpp>
#include <hocket/future/submit_job.hpp>
#include <hocket/future/submit_options.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/range/executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// Returns the only worker that may run the task, or task_start::anywhere. **Throws** std::invalid_argument. (Not
/// inlined: g++ 12 believes that it reads an empty optional.)
std::uint32_t check_options(scheduler const& pool, submit_options const& options);

/// Helps on a thread that waits for a task with conditions: runs the task, otherwise what it needs.
template<class Task>
bool help_with_conditions(future_state_base& state, worker& me) noexcept {
    auto& task = static_cast<Task&>(state);
    if (task.kept.rank == task_start::anywhere && help_task(state, me)) return true;
    bool helped = false;
    for (std::size_t i = 0; !helped && task.kept.scopes[i] != nullptr; ++i) {
        awaited_part const argument(task.kept.scopes[i], task.kept.uses_up[i]);
        helped = run_one_of(me, task.kept.scopes[i]);
    }
    return helped || run_own_mailbox(me, state.scope);
}

/// Submits in the common case: nothing to wait for, no options.
template<class F, class... Args>
auto submit_now(scheduler& pool, F&& f, Args&&... args) {
    using job = typename job_of_call<no_stop, std::decay_t<F>, Args...>::type;
    using result = typename promised<std::remove_cv_t<std::invoke_result_t<job&>>>::type;
    auto* const task =
        task_state<result, job>::make(pool, true, no_stop{}, std::forward<F>(f), std::forward<Args>(args)...);
    task->scope = new_scope();
    future<result> handle(task);
    spawn(pool, queue_item(task->node));
    return handle;
}

template<class Task>
void give_up_arguments(future_state_base* base) noexcept {
    if constexpr (decltype(Task::job)::dependencies != 0)
        static_cast<Task*>(base)->job.for_each([](auto& dependency, std::size_t) { dependency.give_up_own(); });
}

template<class Task>
inline constexpr stoppable_task stops_of = {[](future_state_base* base) noexcept {
                                                static_cast<Task*>(base)->destroy_job_now();
                                                base->release();
                                            },
                                            [](work_item* item) noexcept {
                                                future_state_base* const state = node_of(item).state;
                                                task_start& start = static_cast<Task*>(state)->kept;
                                                if (start.begins()) return task_start::run_placed(item);
                                                trace_scope::forget();
                                                static_cast<Task*>(state)->destroy_job_now();
                                                state->release();
                                            },
                                            &give_up_arguments<Task>};

/// Lets a stop end what the task still waits for. Called before the last condition is met, so that the job lives.
template<class Task>
void cancel_on_request(Task& task, submit_options const& options) {
    if (options.stop.stop_possible())
        task.job.when.on_request.emplace(options.stop,
                                         token_stop::cancel_task{&task.kept.timer, &task.kept, &fail_cancelled<Task>});
}

/// Submits with dependencies, and with options if there are some.
template<class Stop, class Kept, class F, class... Args>
auto submit_later(scheduler& pool, submit_options const* options, std::uint32_t rank, F&& f, Args&&... args) {
    using job = typename job_of_call<Stop, std::decay_t<F>, Args...>::type;
    using result = typename promised<std::remove_cv_t<std::invoke_result_t<job&>>>::type;
    using state = task_state<result, job, Kept>;
    state* task = nullptr;
    if constexpr (std::is_same_v<Stop, no_stop>)
        task = state::make(pool, false, no_stop{}, std::forward<F>(f), std::forward<Args>(args)...);
    else
        task = state::make(pool, false, options->stop, std::forward<F>(f), std::forward<Args>(args)...);
    task->help = &help_with_conditions<state>;
    task->kept.stoppable = &stops_of<state>;
    future<result> handle(task);
    if constexpr (!std::is_same_v<Stop, no_stop>) {
        task->kept.level = options->priority;
        task->kept.rank = rank;
        task->job.when.name = options->name;
        task->job.when.own_state = task;
        if (options->after > options->after.zero()) {
            task->kept.timer.due = due_after(options->after);
            task->kept.timer.pool = &pool;
            try {
                start_timer(task->kept.timer);
            } catch (...) {
                task->job.~job();
                task->release(); // the reference of the queue, which will never hold the task
                throw;
            }
        } else {
            task->kept.one_less();
        }
    }
    if constexpr (job::dependencies != 0) {
        task->job.for_each([task](auto& dependency, std::size_t number) {
            void const* const scope = dependency.antecedent.state()->scope;
            task->kept.scopes[number] = scope != nullptr ? scope : task; // the scope of no task
            task->kept.uses_up[number] = dependency.alone();
            if (number == 0 && dependency.alone()) task->scope = scope;
        });
        task->job.for_each([task](auto& dependency, std::size_t) { dependency.attach(task->kept); });
    }
    if (task->scope == nullptr) task->scope = new_scope();
    if constexpr (!std::is_same_v<Stop, no_stop>) cancel_on_request(*task, *options);
    task->kept.one_less();
    return handle;
}

/// Says why F cannot be called with the arguments of a submit.
template<class F, class... Args>
constexpr auto say_why_not_called() {
    if constexpr (points_to_pool<F>)
        static_assert(never<F>, "hocket: submit of a pointer to a thread_pool: write submit(*pool, f)");
    else if constexpr (std::is_same_v<F, submit_options>)
        static_assert(never<F>, "hocket: submit takes its options last: submit(f, arguments..., options)");
    else if constexpr ((!task_argument<std::decay_t<Args>>::is_dependency && ...) &&
                       std::is_invocable_v<F, std::decay_t<Args>&...>)
        static_assert(never<F>, "hocket: the callable of submit takes an argument by reference, T&: the task has its "
                                "own copy, which arrives as an rvalue; take it by value, or pass std::ref(x)");
    else
        static_assert(
            never<F>,
            "hocket: the callable of submit cannot be called with these arguments: the callable comes first and the "
            "options last; arguments arrive as rvalues, a future<T> as its T, a named future as T const&, a vector of "
            "futures as the vector of their values");
}

/// Whether F can be called with the arguments of a submit; if not, the program does not compile.
template<class F, class... Args>
constexpr bool check_callable() {
    constexpr bool borrows = job_of_call<no_stop, F, Args...>::borrows;
    constexpr bool callable = borrows || can_call_with<F, task_arguments<std::decay_t<Args>...>>;
    constexpr bool copied = !callable || borrows || (can_be_copied<Args> && ...);
    if constexpr (!callable) detail::say_why_not_called<F, Args...>();
    static_assert(copied,
                  "hocket: the callable takes the value of a named future by value or as an rvalue; the future stays "
                  "usable, and its value cannot be copied: take it by const&, or pass std::move(future)");
    return callable && copied;
}

template<class F, class... Args>
auto submit_all(scheduler& pool, F&& f, Args&&... args) {
    if constexpr (takes_values_of_futures<std::decay_t<F>, Args...>) {
        return detail::submit_all(pool, std::forward<F>(f), values_of_futures(std::forward<Args>(args))...);
    } else if constexpr (detail::check_callable<std::decay_t<F>, Args...>()) {
        prepare_to_spawn(pool);
        constexpr std::size_t dependencies =
            (std::size_t{0} + ... + std::size_t{task_argument<std::decay_t<Args>>::is_dependency});
        if constexpr (dependencies == 0)
            return submit_now(pool, std::forward<F>(f), std::forward<Args>(args)...);
        else
            return submit_later<no_stop, task_conditions<dependencies>>(
                pool, nullptr, task_start::anywhere, std::forward<F>(f), std::forward<Args>(args)...);
    } else {
        return future<void>();
    }
}

template<class F, class... Args>
auto submit_all_with(scheduler& pool, submit_options const& options, F&& f, Args&&... args) {
    if constexpr (takes_values_of_futures<std::decay_t<F>, Args...>) {
        return detail::submit_all_with(pool, options, std::forward<F>(f),
                                       values_of_futures(std::forward<Args>(args))...);
    } else if constexpr (detail::check_callable<std::decay_t<F>, Args...>()) {
        prepare_to_spawn(pool);
        std::uint32_t const rank = check_options(pool, options);
        constexpr std::size_t dependencies =
            (std::size_t{0} + ... + std::size_t{task_argument<std::decay_t<Args>>::is_dependency});
        return submit_later<token_stop, task_schedule<dependencies>>(pool, &options, rank, std::forward<F>(f),
                                                                     std::forward<Args>(args)...);
    } else {
        return future<void>();
    }
}

template<class Last, class... Args>
inline constexpr bool ends_with_options = ends_with_options<Args...>;
template<class Last>
inline constexpr bool ends_with_options<Last> = std::is_same_v<std::remove_cvref_t<Last>, submit_options>;

template<class Arguments, std::size_t... At>
auto submit_unpacked(scheduler& pool, Arguments&& all, std::index_sequence<At...>) {
    return detail::submit_all_with(
        pool, std::get<sizeof...(At)>(all),
        std::forward<std::tuple_element_t<At, std::remove_reference_t<Arguments>>>(std::get<At>(all))...);
}

/// Whether the first argument of a submit may stand there: it is a pool or the callable, and not an executor that has a
/// submit of its own.
template<class First>
concept begins_submit = !executor<First> || pool_place<First>;

template<class F, class... Args>
auto submit_in(scheduler& pool, F&& fn, Args&&... args) {
    if constexpr (sizeof...(Args) != 0) {
        if constexpr (detail::ends_with_options<Args...>)
            return detail::submit_unpacked(pool,
                                           std::forward_as_tuple(std::forward<F>(fn), std::forward<Args>(args)...),
                                           std::make_index_sequence<sizeof...(Args)>{});
        else
            return detail::submit_all(pool, std::forward<F>(fn), std::forward<Args>(args)...);
    } else {
        return detail::submit_all(pool, std::forward<F>(fn));
    }
}

/// Says why a submit has no place to run, or nothing to run.
template<class Pool, class... Args>
constexpr auto say_why_not_in_pool() {
    if constexpr (!std::is_convertible_v<Pool, thread_pool&>)
        static_assert(never<Pool>, "hocket: submit takes its pool by reference, and this one is const or a temporary");
    else
        static_assert(never<Pool>, "hocket: submit takes a callable after its pool: submit(pool, f, arguments...)");
}

/// Submits with options, in the pool that is the first argument if there is one.
template<class First, class... Args>
auto submit_with(submit_options const& options, First&& first, Args&&... args) {
    if constexpr (!pool_place<First>)
        return detail::submit_all_with(current_pool().sched(), options, std::forward<First>(first),
                                       std::forward<Args>(args)...);
    else if constexpr (sizeof...(Args) != 0 && std::is_convertible_v<First, thread_pool&>)
        return detail::submit_all_with(static_cast<thread_pool&>(first).sched(), options, std::forward<Args>(args)...);
    else
        detail::say_why_not_in_pool<First, Args...>();
}

} // namespace detail

/// Starts `fn(args...)` and returns the future of its result. `submit(pool, fn, args...)` starts it in that pool, and
/// `submit(fn, args...)` in the pool whose worker is calling, otherwise in the default pool.
///
/// An argument that is a `future<T>` is a dependency: the task begins when all dependencies are ready. `fn` gets the T
/// (of a `shared_future<T>` and of a named `future<T>` a `T const&`, of a `future<void>` nothing). A named future stays
/// usable, and its value is copied if `fn` takes only an rvalue; `std::move` hands it over. A
/// `std::vector<future<T>>` is a dependency too: `fn` gets a `std::vector<T>`, as from `when_all`. A temporary vector
/// goes to `fn` as it is if `fn` takes a vector of futures. When a dependency fails, `fn` is not called, and the result
/// fails with the exception of the first that failed.
///
/// Other arguments are copied or moved into the task and passed to `fn` as rvalues; std::ref passes a reference. `fn`
/// and they may be move-only. A pointer to a member is called as by std::invoke, and a reference that it gives into an
/// argument becomes a value. A future that `fn` returns is unpacked: the result is the value of that future. A
/// coroutine, a `task`, is unpacked as well: it is run, and the captures and arguments of `fn` stay until it ends. The
/// last argument may be a `submit_options`, as a braced list if at most four arguments stand before it.
///
/// **Threads** any. **Blocks** never. **Throws** what copying the arguments throws, std::bad_alloc, std::logic_error
/// for a future that holds nothing and in a child of fork(), std::invalid_argument for bad options; then nothing was
/// started. The future throws what `fn` throws. **Order** what was done before the call happens before `fn`. A pool's
/// own threads run the tasks that they submit newest first; the tasks of other threads begin in order. **Cost** some
/// ten nanoseconds; nothing from the heap in steady state while all of it fits into 512 bytes; a system call when a
/// worker has to be woken.
template<class First, class... Args>
    requires detail::begins_submit<First>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto submit(First&& first, Args&&... args) {
    if constexpr (!detail::pool_place<First>)
        return detail::submit_in(detail::current_pool().sched(), std::forward<First>(first),
                                 std::forward<Args>(args)...);
    else if constexpr (sizeof...(Args) != 0 && std::is_convertible_v<First, thread_pool&>)
        return detail::submit_in(static_cast<thread_pool&>(first).sched(), std::forward<Args>(args)...);
    else
        detail::say_why_not_in_pool<First, Args...>();
}
template<class F>
    requires detail::begins_submit<F>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto submit(F&& fn, submit_options options) {
    return detail::submit_with(options, std::forward<F>(fn));
}
template<class F, class A>
    requires detail::begins_submit<F>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto submit(F&& fn, A&& a, submit_options options) {
    return detail::submit_with(options, std::forward<F>(fn), std::forward<A>(a));
}
template<class F, class A, class B>
    requires detail::begins_submit<F>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto submit(F&& fn, A&& a, B&& b, submit_options options) {
    return detail::submit_with(options, std::forward<F>(fn), std::forward<A>(a), std::forward<B>(b));
}
template<class F, class A, class B, class C>
    requires detail::begins_submit<F>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto submit(F&& fn, A&& a, B&& b, C&& c, submit_options options) {
    return detail::submit_with(options, std::forward<F>(fn), std::forward<A>(a), std::forward<B>(b),
                               std::forward<C>(c));
}

/// Starts `fn(args...)`, or a coroutine, and forgets it: `spawn(pool, f)` is `submit(pool, f)` without the future, and
/// takes equal arguments. An error goes where the error of a dropped future goes. **Threads** any. **Blocks** never.
/// **Throws** and **Cost** as `submit`. The pool's destructor waits for the task, if all that it depends on is ready by
/// then.
template<class First, class... Args>
    requires detail::begins_submit<First>
void spawn(First&& first, Args&&... args) {
    auto const dropped = submit(std::forward<First>(first), std::forward<Args>(args)...);
}
template<class F>
    requires detail::begins_submit<F>
void spawn(F&& fn, submit_options options) { auto const dropped = submit(std::forward<F>(fn), options); }
template<class F, class A>
    requires detail::begins_submit<F>
void spawn(F&& fn, A&& a, submit_options options) {
    auto const dropped = submit(std::forward<F>(fn), std::forward<A>(a), options);
}
template<class F, class A, class B>
    requires detail::begins_submit<F>
void spawn(F&& fn, A&& a, B&& b, submit_options options) {
    auto const dropped = submit(std::forward<F>(fn), std::forward<A>(a), std::forward<B>(b), options);
}
template<class F, class A, class B, class C>
    requires detail::begins_submit<F>
void spawn(F&& fn, A&& a, B&& b, C&& c, submit_options options) {
    auto const dropped =
        submit(std::forward<F>(fn), std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), options);
}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/future/submit.ipp>
#endif
