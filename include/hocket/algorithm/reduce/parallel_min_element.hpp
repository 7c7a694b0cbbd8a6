// SPDX-License-Identifier: MIT
// parallel_min_element, parallel_max_element, parallel_minmax_element: positions of the minimum and maximum of a range.
// Public.
#pragma once

#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The result of `parallel_minmax_element`: `auto [least, greatest] = ...`.
template<class Iterator>
struct minmax_position {
    Iterator min;
    Iterator max;
};

namespace detail {

struct less_than {
    template<class A, class B>
    constexpr bool operator()(A const& a, B const& b) const requires requires {
        static_cast<bool>(a < b);
    }
    { return static_cast<bool>(a < b); }
};

/// Compares elements by their positions.
template<class Iterator, class Less, class Proj>
struct less_at {
    Iterator begin;
    hot_callable<Less> less;
    hot_callable<Proj> proj;

    bool operator()(std::uint64_t a, std::uint64_t b) const {
        return static_cast<bool>(
            detail::call(less, detail::call(proj, *advanced(begin, a)), detail::call(proj, *advanced(begin, b))));
    }
};

/// Each takes the candidates of two neighbouring parts of the range, the left one first.
template<class LessAt>
struct first_least {
    static constexpr bool selects_one = true;
    LessAt less;
    std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const { return choose(less(b, a), b, a); }
    void take(std::uint64_t& sum, std::uint64_t x) const {
        if (less(x, sum)) sum = x;
    }
};
template<class LessAt>
struct first_greatest {
    static constexpr bool selects_one = true;
    LessAt less;
    std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const { return choose(less(a, b), b, a); }
    void take(std::uint64_t& sum, std::uint64_t x) const {
        if (less(sum, x)) sum = x;
    }
};

struct extremes {
    std::uint64_t least;
    std::uint64_t greatest;
};
template<class LessAt>
struct both_extremes {
    static constexpr bool selects_one = true;
    LessAt less;
    extremes operator()(extremes a, extremes b) const {
        return {choose(less(b.least, a.least), b.least, a.least),
                choose(less(b.greatest, a.greatest), a.greatest, b.greatest)};
    }
    void take(extremes& sum, extremes x) const {
        if (less(x.least, sum.least)) sum.least = x.least;
        if (!less(x.greatest, sum.greatest)) sum.greatest = x.greatest;
    }
};
struct extremes_of_one {
    constexpr extremes operator()(std::uint64_t i) const noexcept { return {i, i}; }
};

/// Says what is wrong with the types of a search for an extreme; false if there is something.
template<class Range, class Less, class Proj>
constexpr bool explain_extreme() {
    using source = std::remove_reference_t<Range>;
    constexpr bool lasts = lasting_range<Range>;
    static_assert(lasts, "a search for the minimum or maximum of a temporary range: the iterator that it returns would "
                         "outlive the range");
    if constexpr (lasts && explain_readable<source>()) {
        if constexpr (check_projection<source, Proj>()) {
            using element = projected_element<Proj, source>;
            constexpr bool fits = shared_callable<Less, element, element>;
            if constexpr (std::is_same_v<Less, less_than>)
                static_assert(fits, "without a comparison, elements are compared by operator<, which these elements "
                                    "(or the results of the projection) do not have");
            else if constexpr (!fits)
                static_assert(says_why<Less, element, element>(),
                              "the comparison takes two elements of the range (or the results of the projection)");
            return fits;
        }
    }
    return false;
}

/// Returns the left candidate among the positions below `n`, or that of position 0 if there are none.
template<class T, class Op, class F>
T extreme_position(thread_pool& pool, std::uint64_t n, Op const& op, F const& f, loop_options const& options) {
    index_range const positions(std::uint64_t{0}, n);
    return detail::reduce_all<T>(pool, options, positions, T(f(std::uint64_t{0})), op, f);
}

template<class Range, class Less, class Proj>
auto least_of(thread_pool& pool, Range& range, Less const& less, Proj const& proj, loop_options const& options) {
    elements const in(range);
    using less_at = detail::less_at<std::remove_cvref_t<decltype(in.begin())>, Less, Proj>;
    return in.at(detail::extreme_position<std::uint64_t>(
        pool, in.size(), first_least<less_at>{{in.begin(), less, proj}}, as_it_is{}, options));
}

template<class Range, class Less, class Proj>
auto greatest_of(thread_pool& pool, Range& range, Less const& less, Proj const& proj, loop_options const& options) {
    elements const in(range);
    using less_at = detail::less_at<std::remove_cvref_t<decltype(in.begin())>, Less, Proj>;
    return in.at(detail::extreme_position<std::uint64_t>(
        pool, in.size(), first_greatest<less_at>{{in.begin(), less, proj}}, as_it_is{}, options));
}

template<class Range, class Less, class Proj>
auto extremes_of(thread_pool& pool, Range& range, Less const& less, Proj const& proj, loop_options const& options) {
    elements const in(range);
    using iterator = std::remove_cvref_t<decltype(in.begin())>;
    auto const found = detail::extreme_position<extremes>(
        pool, in.size(), both_extremes<less_at<iterator, Less, Proj>>{{in.begin(), less, proj}}, extremes_of_one{},
        options);
    return minmax_position<decltype(in.at(0))>{in.at(found.least), in.at(found.greatest)};
}

/// The form of searches for the least or the greatest element.
template<class Algorithm, bool greatest>
struct extreme_form : value_form<Algorithm> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool finds = true;

    template<class Range, class Less = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Less const& less = left_out<Less>,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (explain_extreme<Range, callable_type<less_than, Less>, callable_type<as_it_is, Proj>>()) {
            auto const& order = callable_or<less_than>(less);
            auto const& by = callable_or<as_it_is>(proj);
            loop_options const& rest = given_options(less, proj, options);
            if constexpr (greatest)
                return detail::greatest_of(pool, range, order, by, rest);
            else
                return detail::least_of(pool, range, order, by, rest);
        }
    }
};

struct parallel_min_element_fn : extreme_form<parallel_min_element_fn, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_min_element takes a range (or two iterators, or two integers), and may "
                                     "take a comparison and a projection; a pool may come first, and options last");
    }
};

struct parallel_max_element_fn : extreme_form<parallel_max_element_fn, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_max_element takes a range (or two iterators, or two integers), and may "
                                     "take a comparison and a projection; a pool may come first, and options last");
    }
};

struct parallel_minmax_element_fn : value_form<parallel_minmax_element_fn> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool finds = true;

    template<class First, class Iterator>
    static constexpr auto found(minmax_position<Iterator> const& positions) {
        auto const min = detail::found_between<First>(positions.min);
        return minmax_position<std::remove_const_t<decltype(min)>>{min, detail::found_between<First>(positions.max)};
    }

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_minmax_element takes a range (or two iterators, or two integers), and "
                                     "may take a comparison and a projection; a pool may come first, and options last");
    }

    template<class Range, class Less = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Less const& less = left_out<Less>,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (explain_extreme<Range, callable_type<less_than, Less>, callable_type<as_it_is, Proj>>())
            return detail::extremes_of(pool, range, callable_or<less_than>(less), callable_or<as_it_is>(proj),
                                       given_options(less, proj, options));
    }
};

} // namespace detail

/// Returns an iterator to the first of the least elements of a range by `less(proj(a), proj(b))`, or its end if it is
/// empty: `parallel_min_element(range)`, `parallel_min_element(range, less, proj)`; `less` is by default `<`. Two
/// iterators give an iterator, two integers an integer. `less` is a strict weak ordering. `less` and `proj` are called
/// through const references, from several threads at once. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_reduce`.
inline constexpr detail::parallel_min_element_fn parallel_min_element{};

/// Returns an iterator to the first of the greatest elements of a range.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_min_element`.
inline constexpr detail::parallel_max_element_fn parallel_max_element{};

/// Returns iterators to the first of the least elements and, as `std::minmax_element`, the last of the greatest:
/// `auto [least, greatest] = parallel_minmax_element(range)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost**
/// as `parallel_min_element`.
inline constexpr detail::parallel_minmax_element_fn parallel_minmax_element{};

} // namespace hocket
