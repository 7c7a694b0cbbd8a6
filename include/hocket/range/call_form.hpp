// SPDX-License-Identifier: MIT
// The forms in which every algorithm can be called, as base classes of the function objects of the algorithms. An
// algorithm derives from `call_form` or `value_form`; README.md shows how.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/executor.hpp>
#include <hocket/range/moving_iterator.hpp>
#include <hocket/range/range_traits.hpp>
#include <hocket/range/started_options.hpp>
#include <hocket/range/step_range.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

template<class Arg, class Options>
inline constexpr bool is_options = std::is_same_v<std::remove_cvref_t<Arg>, Options>;
template<class Arg, class Options>
    requires(std::is_class_v<std::remove_cvref_t<Arg>>)
inline constexpr bool is_options<Arg, Options> =
    std::is_same_v<std::remove_cvref_t<Arg>, Options> || std::is_convertible_v<Arg, Options>;

/// The default of an argument that is left out; `left_out` tells it apart from loop options that a program writes.
template<class Options>
[[nodiscard]] HOCKET_ALWAYS_INLINE constexpr decltype(auto) nothing_given() {
    if constexpr (std::is_same_v<Options, loop_options const>)
        return static_cast<loop_options const&&>(left_out<loop_options>);
    else
        return std::remove_const_t<Options>();
}

/// Returns the options of a call whose last arguments are options, or callables that are left out by `{}`. If the call
/// has none, returns `none`, an object of the call: the compiler then knows its contents.
template<class Options>
[[nodiscard]] HOCKET_ALWAYS_INLINE constexpr Options const&
last_options(Options const& none, Options const& first, Options const& second = nothing_given<Options const>(),
             Options const& third = nothing_given<Options const>()) noexcept {
    if constexpr (std::is_same_v<Options, loop_options>) {
        if (&first == &left_out<loop_options>) return none;
        if (&second != &left_out<loop_options>) return detail::given_options(first, second, third);
    }
    return first;
}

/// Detects a pair of arguments that stands for a range: two iterators, or two integers.
template<class First, class Last>
concept two_bounds = (!std::is_array_v<std::remove_reference_t<Last>> &&
                      end_of_stream<std::decay_t<Last>, std::decay_t<First>>);

template<class Arg>
concept integer_argument = loop_index<std::remove_cvref_t<Arg>>;

template<class Iterator>
inline constexpr bool is_move_iterator = false;
template<class Iterator>
inline constexpr bool is_move_iterator<std::move_iterator<Iterator>> = std::random_access_iterator<Iterator>;

/// Returns the range that stands for two bounds in the algorithms.
template<class First, class Last>
[[nodiscard]] constexpr auto source_between(First first, Last last) {
    if constexpr (is_move_iterator<First> && std::same_as<First, Last>)
        return detail::between(moving_iterator(first.base()), moving_iterator(last.base()));
    else
        return detail::between(std::move(first), std::move(last));
}

/// Says why an algorithm cannot work on an argument.
template<class Algorithm, class Source>
constexpr auto explain_source() {
    using plain = std::remove_cvref_t<Source>;
    if constexpr (std::is_floating_point_v<plain>)
        static_assert(never<Source>, "hocket counts with integers: the bounds of this call are floating-point numbers");
    else if constexpr (std::is_same_v<plain, bool>)
        static_assert(never<Source>, "hocket counts with integers: the bounds of this call are bool");
    else if constexpr (is_options<Source, typename Algorithm::options_type>)
        static_assert(never<Source>, "the options come last in a call of an algorithm");
    else if constexpr (requires(Source source) {
                           { *source } -> std::same_as<thread_pool&>;
                       })
        static_assert(never<Source>, "an algorithm takes its pool by reference: write `*pool`");
    else
        Algorithm::template usage<Source>();
}

/// Runs an algorithm in a place, with a source and the operands of the call.
template<class Algorithm, class Place, class Options, class Source, class... Operands>
HOCKET_ALWAYS_INLINE constexpr decltype(auto) run_on(Place& place, Options const& options, Source&& source,
                                                     Operands&&... operands) {
    if constexpr (!Algorithm::template takes<std::remove_reference_t<Source>>)
        detail::explain_source<Algorithm, Source>();
    else if constexpr (sizeof...(Operands) < Algorithm::least || sizeof...(Operands) > Algorithm::most)
        Algorithm::template usage<Source>();
    else if constexpr (!pool_place<Place>)
        return place.execute(Algorithm(), options, std::forward<Source>(source), std::forward<Operands>(operands)...);
    else if constexpr (std::is_const_v<Place>)
        static_assert(never<Place>, "an algorithm takes its pool by reference, and this one is const");
    else
        return Algorithm::run(place, started_options<Options>(options).get(), std::forward<Source>(source),
                              std::forward<Operands>(operands)...);
}

/// Whether a call begins with three integers: two bounds and a step.
template<class Algorithm, class First, class Last, class... Operands>
inline constexpr bool counts_in_steps = false;
template<class Algorithm, class First, class Last, class Step, class... Operands>
    requires(Algorithm::steps && sizeof...(Operands) >= Algorithm::least &&
             sizeof...(Operands) >= Algorithm::after_step)
inline constexpr bool counts_in_steps<Algorithm, First, Last, Step, Operands...> =
    integer_argument<First> && integer_argument<Last> && integer_argument<Step>;

template<class Algorithm, class Place, class Options, class First, class Last, class Step, class... Operands>
constexpr decltype(auto) step_on(Place& place, Options const& options, First first, Last last, Step step,
                                 Operands&&... operands) {
    if constexpr (Algorithm::finds)
        return Algorithm::template found<First>(detail::run_on<Algorithm>(
            place, options, detail::stepping(first, last, step), std::forward<Operands>(operands)...));
    else
        return detail::run_on<Algorithm>(place, options, detail::stepping(first, last, step),
                                         std::forward<Operands>(operands)...);
}

/// Finds out whether the call begins with a range, with two bounds, or with two bounds and a step.
template<class Algorithm, class Place, class Options, class Source>
HOCKET_ALWAYS_INLINE constexpr decltype(auto) call_on(Place& place, Options const& options, Source&& source) {
    return detail::run_on<Algorithm>(place, options, std::forward<Source>(source));
}
template<class Algorithm, class Place, class Options, class First, class Last, class... Operands>
HOCKET_ALWAYS_INLINE constexpr decltype(auto) call_on(Place& place, Options const& options, First&& first, Last&& last,
                                                      Operands&&... operands) {
    if constexpr (!(sizeof...(Operands) >= Algorithm::least && two_bounds<First, Last> &&
                    Algorithm::template bounds_before<Operands...>))
        return detail::run_on<Algorithm>(place, options, std::forward<First>(first), std::forward<Last>(last),
                                         std::forward<Operands>(operands)...);
    else if constexpr (counts_in_steps<Algorithm, First, Last, Operands...>)
        return detail::step_on<Algorithm>(place, options, first, last, std::forward<Operands>(operands)...);
    else if constexpr (Algorithm::counts && pool_place<Place> && integer_argument<First> &&
                       sizeof...(Operands) <= Algorithm::most)
        return Algorithm::count(place, options, first, last, std::forward<Operands>(operands)...);
    else if constexpr (Algorithm::finds)
        return Algorithm::template found<std::decay_t<First>>(detail::run_on<Algorithm>(
            place, options, detail::source_between<std::decay_t<First>, std::decay_t<Last>>(first, last),
            std::forward<Operands>(operands)...));
    else
        return detail::run_on<Algorithm>(place, options,
                                         detail::source_between<std::decay_t<First>, std::decay_t<Last>>(first, last),
                                         std::forward<Operands>(operands)...);
}

/// Finds out whether the first argument is the place.
template<class Algorithm, class Options, class First, class... Rest>
HOCKET_ALWAYS_INLINE constexpr decltype(auto) call_form_of(Options const& options, First&& first, Rest&&... rest) {
    if constexpr (!executor<First>)
        return detail::call_on<Algorithm>(detail::current_pool(), options, std::forward<First>(first),
                                          std::forward<Rest>(rest)...);
    else if constexpr (sizeof...(Rest) == 0)
        Algorithm::template usage<First>();
    else if constexpr (pool_place<First> && !std::is_const_v<std::remove_reference_t<First>>)
        return detail::call_on<Algorithm>(static_cast<thread_pool&>(first), options, std::forward<Rest>(rest)...);
    else
        return detail::call_on<Algorithm>(first, options, std::forward<Rest>(rest)...);
}

/// Finds out where the arguments end and the options begin.
template<class Algorithm, class O, class A, class B, class C, class D, class E, class F, class G, class H, class I,
         class J>
HOCKET_ALWAYS_INLINE constexpr decltype(auto) call_of(A&& a, B&& b, C&& c, D&& d, E&& e, F&& f, G&& g, H&& h, I&& i,
                                                      J&& j) {
    O const none{};
    if constexpr (!is_options<J, O>)
        return detail::call_form_of<Algorithm, O>(
            none, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d), std::forward<E>(e),
            std::forward<F>(f), std::forward<G>(g), std::forward<H>(h), std::forward<I>(i), std::forward<J>(j));
    else if constexpr (!is_options<I, O>)
        return detail::call_form_of<Algorithm, O>(
            last_options<O>(none, j), std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
            std::forward<E>(e), std::forward<F>(f), std::forward<G>(g), std::forward<H>(h), std::forward<I>(i));
    else if constexpr (!is_options<H, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, i, j), std::forward<A>(a), std::forward<B>(b),
                                                  std::forward<C>(c), std::forward<D>(d), std::forward<E>(e),
                                                  std::forward<F>(f), std::forward<G>(g), std::forward<H>(h));
    else if constexpr (!is_options<G, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, h, i, j), std::forward<A>(a),
                                                  std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                                                  std::forward<E>(e), std::forward<F>(f), std::forward<G>(g));
    else if constexpr (!is_options<F, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, g, h, i), std::forward<A>(a),
                                                  std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                                                  std::forward<E>(e), std::forward<F>(f));
    else if constexpr (!is_options<E, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, f, g, h), std::forward<A>(a),
                                                  std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                                                  std::forward<E>(e));
    else if constexpr (!is_options<D, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, e, f, g), std::forward<A>(a),
                                                  std::forward<B>(b), std::forward<C>(c), std::forward<D>(d));
    else if constexpr (!is_options<C, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, d, e, f), std::forward<A>(a),
                                                  std::forward<B>(b), std::forward<C>(c));
    else if constexpr (!is_options<B, O>)
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, c, d, e), std::forward<A>(a),
                                                  std::forward<B>(b));
    else
        return detail::call_form_of<Algorithm, O>(last_options<O>(none, b, c, d), std::forward<A>(a));
}

/// Marks an algorithm, so that it can be told from other callables.
struct call_form_base {};

/// The common part of all forms. An algorithm defines how many operands may follow the range (`least`, `most`), its
/// sentence about arguments (`usage`), and its body (`run`). It may override the members here.
template<class Options>
struct form_parts : call_form_base {
    using options_type = Options;

    /// Whether a step may follow two integers. False where the algorithm takes a number after them.
    static constexpr bool steps = true;
    /// How many operands follow a step, at least. More than `least` where a number may follow two integers.
    static constexpr std::size_t after_step = 0;
    /// Whether the algorithm has `count(pool, options, first, last, operands...)` for two integers.
    static constexpr bool counts = false;
    /// Whether the algorithm returns an iterator, which becomes an integer between two integers.
    static constexpr bool finds = false;
    template<class First, class Iterator>
    static constexpr auto found(Iterator const& position) {
        return detail::found_between<First>(position);
    }
    /// Whether the algorithm takes a Source as the one argument that it works on.
    template<class Source>
    static constexpr bool takes = any_range<Source>;
    /// Whether two arguments that can be bounds are bounds if Operands follow them.
    template<class... Operands>
    static constexpr bool bounds_before = true;
};

/// The form of an algorithm whose result may be discarded.
template<class Algorithm, class Options = loop_options>
struct call_form : form_parts<Options> {
    template<class A, class B = Options const, class C = Options const, class D = Options const,
             class E = Options const, class F = Options const, class G = Options const, class H = Options const,
             class I = Options const, class J = Options const>
    HOCKET_ALWAYS_INLINE constexpr decltype(auto)
    operator()(A&& a, B&& b = nothing_given<B>(), C&& c = nothing_given<C>(), D&& d = nothing_given<D>(),
               E&& e = nothing_given<E>(), F&& f = nothing_given<F>(), G&& g = nothing_given<G>(),
               H&& h = nothing_given<H>(), I&& i = nothing_given<I>(), J&& j = nothing_given<J>()) const {
        return detail::call_of<Algorithm, Options>(
            std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d), std::forward<E>(e),
            std::forward<F>(f), std::forward<G>(g), std::forward<H>(h), std::forward<I>(i), std::forward<J>(j));
    }
    template<class... Rest>
    constexpr auto operator()(Options const&, Rest&&...) const {
        static_assert(never<Rest...>, "the options come last in a call of an algorithm");
    }
};

/// The form of an algorithm whose result must not be discarded.
template<class Algorithm, class Options = loop_options>
struct value_form : form_parts<Options> {
    template<class A, class B = Options const, class C = Options const, class D = Options const,
             class E = Options const, class F = Options const, class G = Options const, class H = Options const,
             class I = Options const, class J = Options const>
    [[nodiscard]] HOCKET_ALWAYS_INLINE constexpr decltype(auto)
    operator()(A&& a, B&& b = nothing_given<B>(), C&& c = nothing_given<C>(), D&& d = nothing_given<D>(),
               E&& e = nothing_given<E>(), F&& f = nothing_given<F>(), G&& g = nothing_given<G>(),
               H&& h = nothing_given<H>(), I&& i = nothing_given<I>(), J&& j = nothing_given<J>()) const {
        return detail::call_of<Algorithm, Options>(
            std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d), std::forward<E>(e),
            std::forward<F>(f), std::forward<G>(g), std::forward<H>(h), std::forward<I>(i), std::forward<J>(j));
    }
    template<class... Rest>
    constexpr auto operator()(Options const&, Rest&&...) const {
        static_assert(never<Rest...>, "the options come last in a call of an algorithm");
    }
};

/// Whether an output iterator follows the range, or the two bounds, of a call.
template<class First, class Second, class Third, class... Rest>
constexpr bool writes_to_iterator() {
    if constexpr (executor<First>)
        return writes_to_iterator<Second, Third, Rest...>();
    else if constexpr (two_bounds<First, Second>)
        return std::random_access_iterator<std::decay_t<Third>>;
    else
        return std::random_access_iterator<std::decay_t<Second>>;
}

/// The form of an algorithm whose result must not be discarded, unless it writes to an iterator.
template<class Algorithm, class Options = loop_options>
struct value_or_output_form : form_parts<Options> {
    template<class A, class B = Options const, class C = Options const, class D = Options const,
             class E = Options const, class F = Options const, class G = Options const, class H = Options const,
             class I = Options const, class J = Options const>
        requires(!writes_to_iterator<A, B, C, D, E, F, G, H, I, J>())
    [[nodiscard]] HOCKET_ALWAYS_INLINE constexpr decltype(auto)
    operator()(A&& a, B&& b = nothing_given<B>(), C&& c = nothing_given<C>(), D&& d = nothing_given<D>(),
               E&& e = nothing_given<E>(), F&& f = nothing_given<F>(), G&& g = nothing_given<G>(),
               H&& h = nothing_given<H>(), I&& i = nothing_given<I>(), J&& j = nothing_given<J>()) const {
        return detail::call_of<Algorithm, Options>(
            std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d), std::forward<E>(e),
            std::forward<F>(f), std::forward<G>(g), std::forward<H>(h), std::forward<I>(i), std::forward<J>(j));
    }
    template<class A, class B = Options const, class C = Options const, class D = Options const,
             class E = Options const, class F = Options const, class G = Options const, class H = Options const,
             class I = Options const, class J = Options const>
        requires(writes_to_iterator<A, B, C, D, E, F, G, H, I, J>())
    HOCKET_ALWAYS_INLINE constexpr decltype(auto)
    operator()(A&& a, B&& b = nothing_given<B>(), C&& c = nothing_given<C>(), D&& d = nothing_given<D>(),
               E&& e = nothing_given<E>(), F&& f = nothing_given<F>(), G&& g = nothing_given<G>(),
               H&& h = nothing_given<H>(), I&& i = nothing_given<I>(), J&& j = nothing_given<J>()) const {
        return detail::call_of<Algorithm, Options>(
            std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d), std::forward<E>(e),
            std::forward<F>(f), std::forward<G>(g), std::forward<H>(h), std::forward<I>(i), std::forward<J>(j));
    }
};

} // namespace hocket::inline HOCKET_ABI::detail
