// SPDX-License-Identifier: MIT
// parallel_min_element, parallel_max_element, parallel_minmax_element: where the extremes of a range stand.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/parallel_reduce.hpp>
#include <hocket/algorithm/sort_leaf.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/index_range.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket {

/// What `parallel_minmax_element` returns: `auto [least, greatest] = ...`.
template<class Iterator>
struct minmax_position {
    Iterator min;
    Iterator max;
};

namespace detail {

struct less_than {
    template<class A, class B>
    constexpr bool operator()(A const& a, B const& b) const {
        return a < b;
    }
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

template<class Range, class Less, class Proj>
constexpr void check_order() {
    static_assert(lasting_range<Range>,
                  "an extreme of a temporary: the iterator that is returned would outlive the range");
    check_projection<Range, Proj>();
    using element = projected_element<Proj, Range>;
    static_assert(shared_callable<Less, element, element>,
                  "the comparison takes two elements of the range (or what the projection makes of them), and is "
                  "const: several threads call it at once (a lambda must not be mutable)");
}

/// The candidate that is left of the positions below `n`, or that of position 0 if there are none.
template<class T, class Op, class F>
T extreme_position(thread_pool& pool, std::uint64_t n, Op const& op, F const& f, loop_options const& options) {
    return hocket::parallel_transform_reduce(pool, index_range(std::uint64_t{0}, n), T(f(std::uint64_t{0})), op, f,
                                             options);
}

template<class Range, class Less, class Proj>
auto least_of(thread_pool& pool, Range&& range, Less const& less, Proj const& proj, loop_options const& options) {
    check_order<Range, Less, Proj>();
    elements const in(range);
    using less_at = detail::less_at<std::remove_cvref_t<decltype(in.begin())>, Less, Proj>;
    return in.at(detail::extreme_position<std::uint64_t>(
        pool, in.size(), first_least<less_at>{{in.begin(), less, proj}}, as_it_is{}, options));
}

template<class Range, class Less, class Proj>
auto greatest_of(thread_pool& pool, Range&& range, Less const& less, Proj const& proj, loop_options const& options) {
    check_order<Range, Less, Proj>();
    elements const in(range);
    using less_at = detail::less_at<std::remove_cvref_t<decltype(in.begin())>, Less, Proj>;
    return in.at(detail::extreme_position<std::uint64_t>(
        pool, in.size(), first_greatest<less_at>{{in.begin(), less, proj}}, as_it_is{}, options));
}

template<class Range, class Less, class Proj>
auto extremes_of(thread_pool& pool, Range&& range, Less const& less, Proj const& proj, loop_options const& options) {
    check_order<Range, Less, Proj>();
    elements const in(range);
    using iterator = std::remove_cvref_t<decltype(in.begin())>;
    auto const found = detail::extreme_position<extremes>(
        pool, in.size(), both_extremes<less_at<iterator, Less, Proj>>{{in.begin(), less, proj}}, extremes_of_one{},
        options);
    return minmax_position<decltype(in.at(0))>{in.at(found.least), in.at(found.greatest)};
}

} // namespace detail

/// An iterator to the first of the least elements of `range` by `less(proj(a), proj(b))`; its end if it is empty. Without them
/// by `<`. `less` is a strict weak ordering; it and `proj` are called through const references, from several threads at once.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_reduce`.
template<readable_range Range, detail::optional_callable Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_min_element(thread_pool& pool, Range&& range, Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return detail::least_of(pool, std::forward<Range>(range), detail::callable_or<detail::less_than>(less),
                            detail::callable_or<detail::as_it_is>(proj), detail::given_options(less, proj, options));
}

/// The same for the elements, or the integers, from `first` up to `last`: the iterator, or the integer.
template<class First, detail::end_of_readable<First> Last, class Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_min_element(thread_pool& pool, First first, Last last,
                                        Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return detail::found_between<First>(
        hocket::parallel_min_element(pool, detail::between(first, last), less, proj, options));
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_min_element(Range&& range, Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_min_element(detail::current_pool(), std::forward<Range>(range), less, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_min_element(First first, Last last, Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_min_element(detail::current_pool(), first, last, less, proj, options);
}

/// An iterator to the first of the greatest elements. As `parallel_min_element`.
template<readable_range Range, detail::optional_callable Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_max_element(thread_pool& pool, Range&& range, Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return detail::greatest_of(pool, std::forward<Range>(range), detail::callable_or<detail::less_than>(less),
                               detail::callable_or<detail::as_it_is>(proj), detail::given_options(less, proj, options));
}

/// The same for the elements, or the integers, from `first` up to `last`: the iterator, or the integer.
template<class First, detail::end_of_readable<First> Last, class Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_max_element(thread_pool& pool, First first, Last last,
                                        Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return detail::found_between<First>(
        hocket::parallel_max_element(pool, detail::between(first, last), less, proj, options));
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_max_element(Range&& range, Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_max_element(detail::current_pool(), std::forward<Range>(range), less, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_max_element(First first, Last last, Less const& less = detail::left_out<Less>,
                                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_max_element(detail::current_pool(), first, last, less, proj, options);
}

/// Both: the first of the least and, as `std::minmax_element`, the last of the greatest. As `parallel_min_element`.
template<readable_range Range, detail::optional_callable Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_minmax_element(thread_pool& pool, Range&& range, Less const& less = detail::left_out<Less>,
                                           Proj const& proj = detail::left_out<Proj>,
                                           loop_options const& options = {}) {
    return detail::extremes_of(pool, std::forward<Range>(range), detail::callable_or<detail::less_than>(less),
                               detail::callable_or<detail::as_it_is>(proj), detail::given_options(less, proj, options));
}

/// The same for the elements, or the integers, from `first` up to `last`: the iterators, or the integers.
template<class First, detail::end_of_readable<First> Last, class Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto
parallel_minmax_element(thread_pool& pool, First first, Last last, Less const& less = detail::left_out<Less>,
                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    auto const found = hocket::parallel_minmax_element(pool, detail::between(first, last), less, proj, options);
    auto const least = detail::found_between<First>(found.min);
    return minmax_position<std::remove_const_t<decltype(least)>>{least, detail::found_between<First>(found.max)};
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_minmax_element(Range&& range, Less const& less = detail::left_out<Less>,
                                           Proj const& proj = detail::left_out<Proj>,
                                           loop_options const& options = {}) {
    return hocket::parallel_minmax_element(detail::current_pool(), std::forward<Range>(range), less, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Less = loop_options, class Proj = loop_options>
[[nodiscard]] auto parallel_minmax_element(First first, Last last, Less const& less = detail::left_out<Less>,
                                           Proj const& proj = detail::left_out<Proj>,
                                           loop_options const& options = {}) {
    return hocket::parallel_minmax_element(detail::current_pool(), first, last, less, proj, options);
}

} // namespace hocket
