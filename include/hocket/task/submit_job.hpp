// SPDX-License-Identifier: MIT
// What submit makes, floor 5: a task with its callable, arguments, dependencies and options. Caller: submit.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/task/future.hpp>
#include <hocket/task/submit_options.hpp>
#include <hocket/task/task_link.hpp>
#include <hocket/task/task_state.hpp>
#include <hocket/task/timer.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::detail {

/// What a task still needs before it may begin, and where it then goes. Lives as long as the state.
struct task_start {
    static constexpr std::uint32_t anywhere = ~std::uint32_t{0};

    /// One more condition: that all of them are known.
    task_start(task_node& its_node, std::uint32_t conditions) noexcept : left(conditions + 1), node(&its_node) {}

    void one_less() noexcept {
        if (!left.one_less()) return;
        hand_to_its_pool(*node, [this] {
            if (rank == anywhere) return offer_task(*node, level);
            work_item& item = queue_item(*node);
            item.run = &run_placed;
            spawn_on(*node->state->sched, rank, item);
        });
    }

    countdown left;
    task_node* node;
    urgency level = urgency::normal;
    std::uint32_t rank = anywhere; // of the only worker that may run it: then it is never offered to others

  private:
    static void run_placed(work_item* item) noexcept { run_begun(node_of(item).state, true); }
};

/// The same with the scopes of `count` futures that the task needs, for those who help.
template<std::size_t count>
struct task_conditions : task_start {
    explicit task_conditions(task_node& its_node) noexcept
        : task_conditions(its_node, static_cast<std::uint32_t>(count)) {}
    task_conditions(task_node& its_node, std::uint32_t conditions) noexcept : task_start(its_node, conditions) {}

    void const* scopes[count + 1] = {};
};

/// The same with a delay, which is one more condition.
template<std::size_t count>
struct task_schedule : task_conditions<count> {
    explicit task_schedule(task_node& its_node) noexcept
        : task_conditions<count>(its_node, static_cast<std::uint32_t>(count) + 1) {
        timer.start = this;
        timer.fire = [](timer_item* item) noexcept { static_cast<delay*>(item)->start->one_less(); };
    }

    struct delay : timer_item {
        task_start* start;
    } timer;
};

/// An argument that is there.
template<class A>
struct task_argument {
    static constexpr bool is_dependency = false;

    template<class From>
    explicit task_argument(From&& from) : value(std::forward<From>(from)) {}

    std::tuple<A&&> get() noexcept { return {std::move(value)}; }

    [[no_unique_address]] A value;
};

/// An argument that is a future: the callable gets what it will hold; of a future<void> nothing.
template<class T, class Future>
struct task_dependency : continuation {
    static constexpr bool is_dependency = true;
    static constexpr bool alone = std::is_same_v<Future, future<T>>; // nothing else continues the antecedent
    using argument = typename then_argument<Future>::type;

    template<class From>
    explicit task_dependency(From&& from) : antecedent(std::forward<From>(from)) {
        if (!antecedent.valid()) throw_no_state();
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
    auto get() noexcept {
        if constexpr (std::is_void_v<T>)
            return std::tuple<>();
        else if constexpr (std::is_reference_v<T>)
            return std::tuple<argument>(static_cast<argument>(*antecedent.state()->value()));
        else
            return std::tuple<argument>(static_cast<argument>(antecedent.state()->value()));
    }

    Future antecedent;
    task_start* start = nullptr;
};
template<class T>
struct task_argument<future<T>> : task_dependency<T, future<T>> {
    explicit task_argument(future<T>& from) : task_dependency<T, future<T>>(std::move(from)) {}
    explicit task_argument(future<T>&& from) : task_dependency<T, future<T>>(std::move(from)) {}
};
template<class T>
struct task_argument<shared_future<T>> : task_dependency<T, shared_future<T>> {
    using task_dependency<T, shared_future<T>>::task_dependency;
};

/// A task without a stop token.
struct no_stop {
    static bool stopped() noexcept { return false; }
    static stop_link const* link() noexcept { return nullptr; }
    static void show_name() noexcept {}
};

/// With one. A request ends the delay at once: the task is refused then.
struct token_stop : task_link {
    using task_link::task_link;

    bool stopped() const noexcept { return token.stop_requested(); }
    stop_link const* link() const noexcept { return token.stop_possible() || name != nullptr ? this : nullptr; }

    void show_name() const noexcept {
        if (name != nullptr) trace_scope::rename(name, "task");
    }

    struct end_delay {
        timer_item& timer;
        task_start& start;
        void operator()() const noexcept {
            if (cancel_timer(timer)) start.one_less();
        }
    };

    std::optional<std::stop_callback<end_delay>> on_request;
};

template<class Stop, class F, class... Args>
struct submit_job {
    static constexpr std::size_t dependencies =
        (std::size_t{0} + ... + std::size_t{task_argument<Args>::is_dependency});

    template<class FromStop, class From, class... Froms>
    explicit submit_job(FromStop&& its_stop, From&& callable, Froms&&... its_arguments)
        : when(std::forward<FromStop>(its_stop)),
          fn(std::forward<From>(callable)),
          arguments(std::forward<Froms>(its_arguments)...) {}

    /// Of several dependencies that have failed, the error of the first.
    std::exception_ptr refusal() noexcept {
        if (when.stopped()) return std::make_exception_ptr(operation_cancelled());
        std::exception_ptr error;
        if constexpr (dependencies != 0) {
            for_each([&](auto& dependency, std::size_t) {
                if (error == nullptr && dependency.antecedent.state()->failed())
                    error = dependency.antecedent.hand_on_error();
            });
        }
        return error;
    }
    stop_link const* stop() const noexcept { return when.link(); }

    decltype(auto) operator()() {
        when.show_name();
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
