// SPDX-License-Identifier: MIT
// What a continuation runs, floor 5: a callable that is given the value of a future, or the future itself. Caller: future.
#pragma once

#include <hocket/task/task_state.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::detail {

/// `Future` is future<T> or shared_future<T>; `argument` is what the callable gets of the value.
template<class Future>
struct then_argument;
template<class T>
struct then_argument<future<T>> {
    using type = T&&;
};
template<class T>
struct then_argument<shared_future<T>> {
    using type = std::conditional_t<std::is_reference_v<T>, T, T const&>;
};
template<>
struct then_argument<future<void>> {
    using type = void;
};
template<>
struct then_argument<shared_future<void>> {
    using type = void;
};

template<class F, class Argument>
struct takes_value : std::is_invocable<F, Argument> {};
template<class F>
struct takes_value<F, void> : std::is_invocable<F> {};

template<class T, class Future, class F>
struct then_job {
    using argument = typename then_argument<Future>::type;
    static constexpr bool by_value = takes_value<F, argument>::value;
    static_assert(std::disjunction_v<takes_value<F, argument>, std::is_invocable<F, Future>>,
                  "hocket: the continuation can be called neither with the future's value nor with the future");

    template<class From>
    then_job(Future&& its_antecedent, From&& callable)
        : antecedent(std::move(its_antecedent)), fn(std::forward<From>(callable)) {}

    std::exception_ptr refusal() noexcept {
        if (by_value && antecedent.state()->failed()) return antecedent.hand_on_error();
        return nullptr;
    }
    static stop_link const* stop() noexcept { return nullptr; }

    decltype(auto) operator()() {
        trace_scope::rename("then", "continuation");
        if constexpr (!by_value)
            return std::move(fn)(std::move(antecedent));
        else if constexpr (std::is_void_v<argument>)
            return std::move(fn)();
        else if constexpr (std::is_reference_v<T>)
            return std::move(fn)(static_cast<T>(*antecedent.state()->value()));
        else
            return std::move(fn)(static_cast<argument>(antecedent.state()->value()));
    }

    Future antecedent;
    [[no_unique_address]] F fn;
};

/// Attaches `f` to a future. It stays in the antecedent's scope if nothing else can continue that, and it runs in the same pool.
template<class T, class Future, class F>
auto attach(scheduler& pool, Future antecedent, F&& f) {
    using job = then_job<T, Future, std::decay_t<F>>;
    using result = typename promised<std::remove_cv_t<std::invoke_result_t<job&>>>::type;
    using task = task_state<result, job>;
    prepare_to_spawn(pool);
    future_state<T>* const from = antecedent.state();
    void const* const scope =
        std::is_same_v<Future, future<T>> && from->scope != nullptr && from->sched == &pool ? from->scope : new_scope();
    task* const made = task::make(pool, false, std::move(antecedent), std::forward<F>(f));
    made->scope = scope;
    continuation* const link = link_of(made->node);
    link->kind = &antecedent_kind;
    future<result> handle(made); // first: the task may be over at any time now
    if (!from->add(*link)) offer_task(made->node);
    return handle;
}

} // namespace hocket::detail
