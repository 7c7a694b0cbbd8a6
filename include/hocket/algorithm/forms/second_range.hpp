// SPDX-License-Identifier: MIT
// The form of algorithms over two ranges side by side, and sentences for wrong types in such a call. Comparisons and
// searches for a part of a range use it.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The default order: operator< alone is enough.
struct usual_less {
    template<class A, class B>
    constexpr bool operator()(A const& a, B const& b) const requires requires {
        static_cast<bool>(a < b);
    }
    {
        if constexpr (loop_index<A> && loop_index<B>)
            return static_cast<std::common_type_t<A, B>>(a) < static_cast<std::common_type_t<A, B>>(b);
        else
            return static_cast<bool>(a < b);
    }
};

/// Whether `test` takes what projections make of elements, and decides; if not, the program does not compile.
template<class Test, class X, class Y>
constexpr bool explain_test() {
    constexpr bool fits = shared_callable<Test, X, Y>;
    if constexpr (std::is_same_v<Test, equality>)
        static_assert(fits, "hocket: without a predicate this algorithm compares by operator==, which these elements "
                            "(or the results of the projection) do not have");
    else if constexpr (std::is_same_v<Test, usual_less>)
        static_assert(fits, "hocket: without a comparator this algorithm orders by operator<, which these elements (or "
                            "the results of the projection) do not have");
    else if constexpr (!fits)
        static_assert(says_why<Test, X, Y>(),
                      "hocket: the predicate or comparator takes two elements (or the results of the projection)");
    if constexpr (fits) {
        constexpr bool decides = std::is_convertible_v<call_result<Test, X, Y>, bool>;
        static_assert(decides, "hocket: the predicate or comparator does not return a bool");
        return decides;
    }
    return false;
}

/// Whether `test` takes elements of a range; if not, the program does not compile.
template<class Range, class Test, class Proj>
constexpr bool explain_neighbours() {
    if constexpr (explain_readable<Range>())
        if constexpr (check_projection<Range, Proj>())
            return explain_test<Test, projected_element<Proj, Range>, projected_element<Proj, Range>>();
    return false;
}

/// Whether `test` takes an element of each range; if not, the program does not compile.
template<class A, class B, class Test, class ProjA, class ProjB>
constexpr bool explain_pair() {
    if constexpr (explain_readable<A>() && explain_readable<B>())
        if constexpr (check_projection<A, ProjA>() && check_projection<B, ProjB>())
            return explain_test<Test, projected_element<ProjA, A>, projected_element<ProjB, B>>();
    return false;
}

/// The test of two elements by their positions.
template<class A, class B, class Test, class ProjA, class ProjB>
[[nodiscard]] auto test_between(elements<A> const& a, elements<B> const& b, Test const& test, ProjA const& proj_a,
                                ProjB const& proj_b) {
    return test_at<typename elements<A>::iterator, typename elements<B>::iterator, Test, ProjA, ProjB>{
        a.begin(), b.begin(), test, proj_a, proj_b};
}

/// Whether iterators into a range stay valid after the call; if not, the program does not compile.
template<class Range>
constexpr bool explain_lasting() {
    constexpr bool lasts = lasting_range<Range>;
    static_assert(lasts, "hocket: a search in a temporary range: the iterator that it returns would outlive the range");
    return lasts;
}

template<class... Operands>
inline constexpr bool begins_with_bounds = false;
template<class First, class Last, class... Operands>
inline constexpr bool begins_with_bounds<First, Last, Operands...> = two_bounds<First, Last>;

/// The type of the argument in the place of the second range.
template<class First>
concept second_place = std::random_access_iterator<std::decay_t<First>> && !any_range<std::remove_reference_t<First>>;

/// The form of an algorithm over two ranges: it has `with(pool, options, a, b, rest...)`. The second range may be two
/// iterators. With `as_long_as_first` it may also be one iterator, to as many elements as the first range has.
/// first range.
template<class Algorithm, class Form = value_form<Algorithm>>
struct two_ranges_form : Form {
    static constexpr std::size_t least = 1, most = 5;
    static constexpr bool steps = false;
    static constexpr bool as_long_as_first = false;

    template<class A, class First, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, A&& a, First&& first, Rest&&... rest) {
        if constexpr (begins_with_bounds<First, Rest...>)
            return between(pool, options, std::forward<A>(a), std::decay_t<First>(first), rest...);
        else if constexpr (any_range<std::remove_reference_t<First>> && sizeof...(Rest) <= 3)
            return Algorithm::with(pool, options, std::forward<A>(a), std::forward<First>(first), rest...);
        else if constexpr (Algorithm::as_long_as_first && second_place<First> && sizeof...(Rest) <= 3)
            return behind(pool, options, std::forward<A>(a), std::decay_t<First>(first), rest...);
        else
            Algorithm::template usage<A>();
    }

  private:
    template<class A, class First, class Last, class... Rest>
    static auto between(thread_pool& pool, loop_options const& options, A&& a, First first, Last& last, Rest&... rest) {
        auto const b = detail::source_between<First, std::decay_t<Last>>(first, last);
        return Algorithm::with(pool, options, std::forward<A>(a), b, rest...);
    }

    template<class A, class First, class... Rest>
    static auto behind(thread_pool& pool, loop_options const& options, A&& a, First first, Rest&... rest) {
        if constexpr (explain_readable<std::remove_reference_t<A>>()) {
            elements const in(a);
            iterator_range<First> const b(first, detail::advanced(first, in.size()));
            return Algorithm::with(pool, options, std::forward<A>(a), b, rest...);
        }
    }
};

/// The form of an algorithm that compares elements of two ranges by a predicate, which may be left out, as may the
/// projections: it has `compare(pool, options, a, b, test)`, where `test(i, j)` compares element i of `a` with element
/// j of `b`. Whether the result has iterators into the ranges decides which of them may not be temporaries.
template<class Algorithm, bool into_a, bool into_b = false>
struct compare_form : two_ranges_form<Algorithm> {
    static constexpr bool finds = into_a;

    template<class A, class B, class Test = loop_options, class ProjA = loop_options, class ProjB = loop_options>
    static auto with(thread_pool& pool, loop_options const& options, A&& a, B&& b, Test const& test = left_out<Test>,
                     ProjA const& proj_a = left_out<ProjA>, ProjB const& proj_b = left_out<ProjB>) {
        using same = callable_type<equality, Test>;
        using by_a = callable_type<as_it_is, ProjA>;
        using by_b = callable_type<as_it_is, ProjB>;
        if constexpr (explain_result<A, B>() &&
                      explain_pair<std::remove_reference_t<A>, std::remove_reference_t<B>, same, by_a, by_b>()) {
            elements const in_a(a);
            elements const in_b(b);
            return Algorithm::compare(pool, given_options(test, proj_a, proj_b, options), in_a, in_b,
                                      detail::test_between(in_a, in_b, callable_or<same>(test),
                                                           callable_or<by_a>(proj_a), callable_or<by_b>(proj_b)));
        }
    }

  private:
    template<class A, class B>
    static constexpr bool explain_result() {
        if constexpr (into_b)
            return explain_lasting<A>() && explain_lasting<B>();
        else if constexpr (into_a)
            return explain_lasting<A>();
        else
            return true;
    }
};

/// Returns the first of `n` positions at which two ranges differ, or `n` if they do not differ.
template<class Test>
[[nodiscard]] std::uint64_t first_difference(thread_pool& pool, std::uint64_t n, Test const& equal_at,
                                             loop_options const& options) {
    return detail::first_position(
        pool, n, [equal_at](std::uint64_t i) { return !equal_at(i, i); }, options);
}

} // namespace hocket::inline HOCKET_ABI::detail
