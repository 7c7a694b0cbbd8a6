// SPDX-License-Identifier: MIT
// The job of a continuation: a callable that gets the value of a future, or the future itself. Caller: future.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/future/future_loan.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/future/task_state.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// How a callable continues a `Future`: future<T>, shared_future<T> or loan<T>. `argument` is what the callable gets of
/// the value.
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
template<class T>
struct then_argument<loan<T>> {
    using type = T const&;
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

/// Whether F can continue a Future; if not, the program does not compile.
template<class Future, class F>
constexpr bool check_continuation() {
    using argument = typename then_argument<Future>::type;
    constexpr bool callable = std::disjunction_v<takes_value<F, argument>, std::is_invocable<F, Future>>;
    if constexpr (std::is_void_v<argument>)
        static_assert(callable, "hocket: the continuation of a future<void> takes no argument, or the future itself");
    else if constexpr (std::is_invocable_v<F, std::remove_cvref_t<argument>&>)
        static_assert(callable, "hocket: the continuation takes the value by reference, T&, and would get it as a "
                                "T const& (of a named or shared future) or T&&: take it by const& or by value");
    else
        static_assert(callable, "hocket: the continuation can be called neither with the future's value nor with the "
                                "future");
    return callable;
}

template<class T, class Future, class F>
struct then_job {
    using argument = typename then_argument<Future>::type;
    using node = then_node;
    static constexpr bool waits = true;
    static constexpr bool by_value = takes_value<F, argument>::value;

    template<class From>
    then_job(Future&& its_antecedent, From&& callable)
        : antecedent(std::move(its_antecedent)), fn(std::forward<From>(callable)) {}

    std::exception_ptr refusal() noexcept {
        if (by_value && antecedent.state()->failed()) return antecedent.hand_on_error();
        return nullptr;
    }
    static task_link* stop() noexcept { return nullptr; }
    /// Returns the state of the future that this job uses up, or null.
    future_state_base* used_up() const noexcept {
        if constexpr (std::is_same_v<Future, future<T>>) return antecedent.state();
        return nullptr;
    }

    decltype(auto) operator()() {
        trace_scope::rename("then", "continuation");
        if constexpr (!by_value) {
            return call_once(std::move(fn), std::move(antecedent));
        } else if constexpr (std::is_void_v<argument>) {
            return std::move(fn)();
        } else if constexpr (std::is_reference_v<T>) {
            return call_once(std::move(fn), static_cast<T>(*antecedent.state()->value()));
        } else {
            if constexpr (std::is_same_v<Future, future<T>>) make_own(antecedent);
            return call_with_value<argument>();
        }
    }

    Future antecedent;
    [[no_unique_address]] F fn;

  private:
    template<class Value>
    auto call_with_value() -> typename task_result<F, Value, std::invoke_result_t<F, Value>>::type {
        return call_once(std::move(fn), static_cast<Value>(antecedent.state()->value()));
    }
};

/// Attaches `f` to a future. The task stays in the antecedent's scope if nothing else can continue that, and it runs in
/// the given pool.
template<class T, class Future, class F>
auto attach(scheduler& pool, Future antecedent, F&& f) {
    if constexpr (detail::check_continuation<Future, std::decay_t<F>>()) {
        using job = then_job<T, Future, std::decay_t<F>>;
        using result = typename promised<std::remove_cv_t<std::invoke_result_t<job&>>>::type;
        using task = task_state<result, job>;
        prepare_to_spawn(pool);
        future_state<T>* const from = antecedent.state();
        void const* const scope =
            std::is_same_v<Future, future<T>> && from->scope != nullptr && from->sched == &pool && !from->word.lent()
                ? from->scope
                : new_scope();
        task* const made = task::make(pool, false, std::move(antecedent), std::forward<F>(f));
        made->scope = scope;
        continuation* const link = link_of(made->node);
        link->kind = &antecedent_kind;
        future<result> handle(made); // first: the task may be over at any time now
        if (!from->add(*link)) offer_at_once(made->node);
        return handle;
    } else {
        return future<std::enable_if_t<!never<F>>>();
    }
}

/// Whether a continuation of a named future reads the value in its state.
template<class F, class T>
inline constexpr bool reads_value = false;
template<class F, class T>
    requires std::is_object_v<T>
inline constexpr bool reads_value<F, T> = std::is_invocable_v<F, T const&>;

/// Attaches `f` to a future that stays with its owner: `f` reads the value, or gets a copy, or another handle.
template<class T, class F>
auto attach_lent(scheduler& pool, future_state<T>& antecedent, F&& f) {
    using fn = std::decay_t<F>;
    if constexpr (reads_value<fn, T>) {
        return attach<T>(pool, loan<T>(antecedent), std::forward<F>(f));
    } else {
        static_assert(
            !std::is_object_v<T> || value_can_be_copied<T> || std::is_invocable_v<fn, future<T>> ||
                !takes_value<fn, T>::value,
            "hocket: the continuation of a named future reads the value, as the future stays usable, and this "
            "value cannot be copied: take it by const&, or write std::move(future).then(...)");
        return attach<T>(pool, another_handle(antecedent), std::forward<F>(f));
    }
}

} // namespace hocket::detail
