// SPDX-License-Identifier: MIT
// The conversion of the arguments of a remote call. For a ref, the parameter of the callable decides whether it gets
// the value, a view of it, or the ref itself. Called by submit and actors.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/future/submit_job.hpp>
#include <hocket/remote/object/ref.hpp>
#include <hocket/remote/wire/aggregate.hpp>

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The type of a view of a shared value; void if only a const reference is possible.
template<class T>
struct view_of_value {
    using type = void;
};
template<class T, class Allocator>
    requires(!std::is_same_v<T, bool>)
struct view_of_value<std::vector<T, Allocator>> {
    using type = std::span<T const>;
};
template<class Char, class Traits, class Allocator>
struct view_of_value<std::basic_string<Char, Traits, Allocator>> {
    using type = std::basic_string_view<Char, Traits>;
};

/// A ref whose value the callable receives as an As.
template<class T, class As>
struct ref_argument {
    ref_argument(ref<T> from) noexcept : of(std::move(from)) {}

    ref_state<T>* state() const noexcept { return of.state(); }
    std::exception_ptr hand_on_error() const noexcept { return of.hand_on_error(); }

    ref<T> of;
};
template<class T, class As>
struct then_argument<ref_argument<T, As>> {
    using type = As;
};
template<class T, class As>
struct task_argument<ref_argument<T, As>> : task_dependency<T, ref_argument<T, As>> {
    explicit task_argument(ref_argument<T, As> from) : task_dependency<T, ref_argument<T, As>>(std::move(from)) {}
};

/// Passes a placeholder of the ref to the callable.
template<>
struct task_argument<ref_argument<void, no_value>> : task_dependency<void, ref_argument<void, no_value>> {
    explicit task_argument(ref_argument<void, no_value> from)
        : task_dependency<void, ref_argument<void, no_value>>(std::move(from)) {}
    static std::tuple<no_value> get() noexcept { return {}; }
};

/// The type with which a call keeps an argument of type A: a string for a string literal.
template<class A>
struct kept_remotely {
    using type = std::decay_t<A>;
};
template<std::size_t n>
struct kept_remotely<char const (&)[n]> {
    using type = std::string;
};

/// Whether F can be called with a tuple of leading arguments and the kept arguments of a call.
template<class F, class Leading, class Kept>
inline constexpr bool fits = false;
template<class F, class Leading, class... Kept>
inline constexpr bool fits<F, Leading, type_list<Kept...>> =
    can_call_with<F, decltype(std::tuple_cat(std::declval<Leading>(), std::declval<task_arguments<Kept...>>()))>;

template<class F, class Leading, class... Kept>
constexpr auto choose_arguments(type_list<Kept...> kept, type_list<>) {
    if constexpr (fits<F, Leading, type_list<Kept...>>) return kept;
}

/// Chooses for each ref in turn: the view, the value, or the ref. Void if no choice fits.
template<class F, class Leading, class... Kept, class Next, class... Rest>
constexpr auto choose_arguments(type_list<Kept...>, type_list<Next, Rest...>) {
    if constexpr (!is_ref<Next>) {
        return choose_arguments<F, Leading>(type_list<Kept..., Next>{}, type_list<Rest...>{});
    } else {
        using T = typename Next::value_type;
        using value = ref_argument<T, std::add_lvalue_reference_t<T const>>;
        using view = ref_argument<T, typename view_of_value<T>::type>;
        using by_view = std::conditional_t<std::is_void_v<typename view_of_value<T>::type>, value, view>;
        constexpr type_list<Rest...> rest;
        if constexpr (!std::is_void_v<decltype(choose_arguments<F, Leading>(type_list<Kept..., by_view>{}, rest))>)
            return choose_arguments<F, Leading>(type_list<Kept..., by_view>{}, rest);
        else if constexpr (!std::is_void_v<decltype(choose_arguments<F, Leading>(type_list<Kept..., value>{}, rest))>)
            return choose_arguments<F, Leading>(type_list<Kept..., value>{}, rest);
        else
            return choose_arguments<F, Leading>(type_list<Kept..., Next>{}, rest);
    }
}

/// A type_list of the types with which a call of F keeps its arguments; void if F cannot be called with them.
template<class F, class Leading, class... Args>
using chosen_arguments =
    decltype(detail::choose_arguments<F, Leading>(type_list<>{}, type_list<typename kept_remotely<Args>::type...>{}));

/// Says why F cannot be called with the arguments of a remote call.
template<class F, class Leading, class... Args>
constexpr auto say_why_not_called_remotely() {
    if constexpr (can_call_with<F, decltype(std::tuple_cat(std::declval<Leading>(),
                                                           std::declval<std::tuple<std::decay_t<Args>&...>>()))>)
        static_assert(never<F>,
                      "hocket: the callable of a remote call takes an argument by reference, T&: it gets its own copy "
                      "of a value, or the value of a ref as a T const&; take it by value or by const&");
    else
        static_assert(never<F>, "hocket: the callable of a remote call cannot be called with these arguments: the "
                                "callable comes first and the options last; arguments arrive as rvalues, a ref<T> as T "
                                "const&, as a view or as the ref, depending on the parameter");
}

} // namespace hocket::detail
