// SPDX-License-Identifier: MIT
// The task that submit makes, with its callable, arguments, dependencies and options. Caller: submit.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit_options.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/future/task_state.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/sched/spawn.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The operations of a task that a stop may reach before it begins.
struct stoppable_task {
    /// Destroys the job of a task that was cancelled, and gives back the task's own reference.
    void (*drop)(future_state_base*) noexcept;
    /// Runs the task, in the queue of the only worker that may run it.
    void (*run_placed)(work_item*) noexcept;
    /// Gives up what the job of a cancelled task uses up, and nothing else needs.
    void (*give_up_needed)(future_state_base*) noexcept;
};

/// The conditions of a task before it may begin, and the queue to which it then goes. Lives as long as the state.
struct task_start {
    static constexpr std::uint32_t anywhere = ~std::uint32_t{0};

    /// Adds one more condition: that all of them are known.
    task_start(task_node& its_node, std::uint32_t conditions) noexcept : left(conditions + 1), node(&its_node) {}

    void one_less() noexcept;
    /// Returns whether a placed task begins. Called by its worker.
    bool begins() noexcept { return placed.win(); }

    /// Fails the future of the task now, whatever the task still waits for. Called after a stop request, or when the
    /// task was given up.
    void cancel(continuation* (*fail)(future_state_base*) noexcept) noexcept;
    /// Fails the future of a task with a delay, which may not have been started.
    void cancel(continuation* (*fail)(future_state_base*) noexcept, timer_item& delay) noexcept;

    countdown left;
    task_node* node;
    stoppable_task const* stoppable = nullptr; // before its last condition
    race placed; // of a placed task without open conditions: its worker, and a stop or the thread that gives it up
    priority level = priority::normal;
    std::uint32_t rank = anywhere; // of the only worker that may run the task: then it is never offered to others

    static void run_placed(work_item* item) noexcept { run_begun(node_of(item).state, true); }

  private:
    /// Puts the task where only one worker may run it.
    [[gnu::cold]] void place() noexcept;
};

template<class Task>
continuation* fail_cancelled(future_state_base* base) noexcept {
    static_cast<Task*>(base)->emplace_error(error_without_memory<operation_cancelled>());
    return base->word.set(true);
}

/// A task_start with the scopes of `count` futures that the task needs, for threads that help.
template<std::size_t count>
struct task_conditions : task_start {
    explicit task_conditions(task_node& its_node) noexcept
        : task_conditions(its_node, static_cast<std::uint32_t>(count)) {}
    task_conditions(task_node& its_node, std::uint32_t conditions) noexcept : task_start(its_node, conditions) {}

    template<class Task>
    static void give_up(Task& task) noexcept {
        task.kept.cancel(&fail_cancelled<Task>);
    }

    void const* scopes[count + 1] = {};
    bool uses_up[count + 1] = {}; // nothing else needs what is computed there
};

/// A task_conditions with a delay, which is one more condition.
template<std::size_t count>
struct task_schedule : task_conditions<count> {
    explicit task_schedule(task_node& its_node) noexcept
        : task_conditions<count>(its_node, static_cast<std::uint32_t>(count) + 1) {
        timer.start = this;
        timer.fire = [](timer_item* item) noexcept {
            task_start& due = *static_cast<delay*>(item)->start;
            if (due.level == priority::normal) due.level = priority::high; // begins beside longer work
            due.one_less();
        };
    }

    template<class Task>
    static void give_up(Task& task) noexcept {
        task.kept.cancel(&fail_cancelled<Task>, task.kept.timer);
    }

    struct delay : timer_item {
        task_start* start;
    } timer;
};

/// An argument that is not a future.
template<class A>
struct task_argument {
    static constexpr bool is_dependency = false;

    template<class From>
    explicit task_argument(From&& from) : value(std::forward<From>(from)) {}

    std::tuple<A&&> get() noexcept { return {std::move(value)}; }

    [[no_unique_address]] A value;
};

/// An argument that is a future: the callable gets its value; of a future<void> nothing.
template<class T, class Future>
struct task_dependency : continuation {
    static constexpr bool is_dependency = true;
    static constexpr bool may_be_alone = std::is_same_v<Future, future<T>>; // nothing else continues the antecedent
    using argument = typename then_argument<Future>::type;

    template<class From>
    explicit task_dependency(From&& from) : antecedent(std::forward<From>(from)) {
        if (antecedent.state() == nullptr) throw_no_state();
        static constexpr continuation_kind starts = {
            [](continuation* self) noexcept { static_cast<task_dependency*>(self)->start->one_less(); },
            [](continuation const& self) noexcept {
                return static_cast<task_dependency const&>(self).start->node->state;
            }};
        kind = &starts;
    }

    void attach(task_start& its_start) noexcept {
        start = &its_start;
        if (!antecedent.state()->add(*this)) its_start.one_less();
    }
    bool alone() const noexcept { return may_be_alone && !antecedent.state()->word.lent(); }
    void give_up_own() const noexcept {
        if constexpr (may_be_alone) {
            antecedent.state()->retain();
            give_up_next(*antecedent.state());
        }
    }
    auto get() {
        if constexpr (std::is_void_v<T>) {
            return std::tuple<>();
        } else if constexpr (std::is_reference_v<T>) {
            return std::tuple<argument>(static_cast<argument>(*antecedent.state()->value()));
        } else {
            if constexpr (may_be_alone) make_own(antecedent);
            return std::tuple<argument>(static_cast<argument>(antecedent.state()->value()));
        }
    }

    Future antecedent;
    task_start* start = nullptr;
};
template<class T>
struct task_argument<future<T>> : task_dependency<T, future<T>> {
    explicit task_argument(future<T> const& from) : task_dependency<T, future<T>>(from.again()) {}
    explicit task_argument(future<T>&& from) : task_dependency<T, future<T>>(std::move(from)) {}
};
template<class T>
struct task_argument<loan<T>> : task_dependency<T, loan<T>> {
    explicit task_argument(future<T> const& from) : task_dependency<T, loan<T>>(valid_state(from)) {}

  private:
    static future_state<T>& valid_state(future<T> const& from) {
        if (!from.valid()) throw_no_state();
        return *from.state();
    }
};
template<class T>
struct task_argument<shared_future<T>> : task_dependency<T, shared_future<T>> {
    using task_dependency<T, shared_future<T>>::task_dependency;
};

/// The stop part of a task without a stop token.
struct no_stop {
    static bool stopped() noexcept { return false; }
    static task_link* link() noexcept { return nullptr; }
    struct shown_name {};
    static shown_name show_name() noexcept { return {}; }
};

/// The stop part of a task with a stop token. A request ends the delay, and all that the task still waits for.
struct token_stop : task_link {
    using task_link::task_link;

    bool stopped() const noexcept { return token.stop_requested(); }
    task_link* link() noexcept { return this; }

    /// Shows the name in a trace, and in the text of `dump` while the returned object lives.
    name_scope show_name() const noexcept {
        if (name != nullptr) trace_scope::rename(name, "task");
        return name_scope(name);
    }

    struct cancel_task {
        timer_item* timer;
        task_start* start;
        continuation* (*fail)(future_state_base*) noexcept;
        void operator()() const noexcept;
    };

    std::optional<hocket::stop_callback<cancel_task>> on_request;
};

/// What a callable gets of the arguments that a task keeps as Args.
template<class... Args>
using task_arguments = decltype(std::tuple_cat(std::declval<task_argument<Args>&>().get()...));

template<class F, class Arguments>
inline constexpr bool can_call_with = false;
template<class F, class... All>
inline constexpr bool can_call_with<F, std::tuple<All...>> = std::is_invocable_v<F, All...>;

template<class F, class Arguments>
struct call_result_with;
template<class F>
struct call_result_with<F, std::tuple<>> : std::invoke_result<F> {};
template<class F, class First, class... Rest>
struct call_result_with<F, std::tuple<First, Rest...>>
    : task_result<F, First, std::invoke_result_t<F, First, Rest...>> {};

/// The form in which a task keeps an argument A: a named future stays with its owner, and the task borrows the value.
template<class A>
struct kept_argument {
    using type = std::decay_t<A>;
    static constexpr bool borrowed = false;
};
template<class T>
struct kept_argument<future<T> const&> {
    static constexpr bool borrowed = std::is_object_v<T>;
    using type = std::conditional_t<borrowed, loan<T>, future<T>>;
};
template<class T>
struct kept_argument<future<T>&> : kept_argument<future<T> const&> {};

/// Whether the value of a named future, or any other argument, can be a copy.
template<class A>
inline constexpr bool can_be_copied = true;
template<class T>
inline constexpr bool can_be_copied<future<T> const&> = !std::is_object_v<T> || value_can_be_copied<T>;
template<class T>
inline constexpr bool can_be_copied<future<T>&> = can_be_copied<future<T> const&>;

template<class Stop, class F, class... Args>
struct submit_job;
/// The job of `submit(f, args...)`. It borrows the values of named futures, if F can be called with const references to
/// them; otherwise they are copied.
template<class Stop, class F, class... Args>
struct job_of_call {
    static constexpr bool borrows = (kept_argument<Args>::borrowed || ...) &&
                                    can_call_with<F, task_arguments<typename kept_argument<Args>::type...>>;
    using type =
        typename std::conditional_t<borrows,
                                    std::type_identity<submit_job<Stop, F, typename kept_argument<Args>::type...>>,
                                    std::type_identity<submit_job<Stop, F, std::decay_t<Args>...>>>::type;
};

template<class Stop, class F, class... Args>
struct submit_job {
    using node = task_node;
    static constexpr std::size_t dependencies =
        (std::size_t{0} + ... + std::size_t{task_argument<Args>::is_dependency});
    static constexpr bool waits = dependencies != 0 || !std::is_same_v<Stop, no_stop>;

    template<class FromStop, class From, class... Froms>
    explicit submit_job(FromStop&& its_stop, From&& callable, Froms&&... its_arguments)
        : when(std::forward<FromStop>(its_stop)),
          fn(std::forward<From>(callable)),
          arguments(std::forward<Froms>(its_arguments)...) {}

    /// Returns the error of the first of several dependencies that have failed.
    std::exception_ptr refusal() noexcept {
        if (when.stopped()) return error_without_memory<operation_cancelled>();
        std::exception_ptr error;
        if constexpr (dependencies != 0) {
            for_each([&](auto& dependency, std::size_t) {
                if (error == nullptr && dependency.antecedent.state()->failed())
                    error = dependency.antecedent.hand_on_error();
            });
        }
        return error;
    }
    task_link* stop() noexcept { return when.link(); }

    auto operator()() -> typename call_result_with<F, task_arguments<Args...>>::type {
        [[maybe_unused]] auto const shown = when.show_name();
        auto all = std::apply([](auto&... argument) { return std::tuple_cat(argument.get()...); }, arguments);
        return std::apply(std::move(fn), std::move(all));
    }

    /// Calls `f(dependency, its number)` for each.
    template<class Do>
    void for_each(Do const& f) {
        std::apply(
            [&f](auto&... argument) {
                std::size_t number = 0;
                auto const visit = [&](auto& one) {
                    if constexpr (std::remove_reference_t<decltype(one)>::is_dependency) f(one, number++);
                };
                (visit(argument), ...);
            },
            arguments);
    }

    [[no_unique_address]] Stop when;
    [[no_unique_address]] F fn;
    [[no_unique_address]] std::tuple<task_argument<Args>...> arguments;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/submit_job.ipp>
#endif
