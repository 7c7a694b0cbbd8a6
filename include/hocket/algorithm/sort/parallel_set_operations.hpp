// SPDX-License-Identifier: MIT
// parallel_set_union, parallel_set_intersection, parallel_set_difference, parallel_set_symmetric_difference,
// parallel_includes. Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/sort/parallel_merge.hpp>
#include <hocket/algorithm/sort/set_walk.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <type_traits>
#include <vector>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Says what is wrong with the types of an operation on two sorted ranges; false if there is something.
template<class A, class B, class Compare, class ProjA, class ProjB>
constexpr bool explain_sorted_pair() {
    if constexpr (explain_pair<A, B, Compare, ProjA, ProjB>() && explain_pair<B, A, Compare, ProjB, ProjA>())
        return explain_neighbours<A, Compare, ProjA>() && explain_neighbours<B, Compare, ProjB>();
    else
        return false;
}

/// Writes what an operation takes of two sorted ranges: cuts both into pieces, counts what each piece gives, and writes
/// it behind what those before give.
template<set_choice choice, class Pair, class Out>
auto combine_sorted(thread_pool& pool, Pair const& pair, Out& out, loop_options const& options) {
    check_options(options);
    loop_errors errors(options);
    std::uint64_t const n = pair.a_size + pair.b_size;
    errors.finish(n);
    sort_run const run(pool, options, errors);
    run.expect(n);
    if (n == 0) return detail::output_begin(out);
    std::uint64_t piece = options.grain;
    if (piece == 0) {
        auto const less = [&pair](auto&& y, auto&& x) {
            return static_cast<bool>(
                detail::call(pair.compare, detail::call(pair.proj_b, y), detail::call(pair.proj_a, x)));
        };
        static_cast<void>(run.once(
            [&](std::uint64_t) { piece = detail::merge_grain(pair.a, pair.a_size, pair.b, pair.b_size, less); }));
        errors.finish(n);
    }
    if (n >> 24 > piece) piece = n >> 24;
    std::uint64_t const pieces = (n - 1) / piece + 1;
    std::vector<set_cut> cuts(static_cast<std::size_t>(pieces + 1), set_cut{pair.a_size, pair.b_size});
    std::vector<std::uint64_t> ranks(static_cast<std::size_t>(pieces + 1), 0);
    static_cast<void>(run.each(pieces, 0, piece, [&](std::uint64_t k) { cuts[k] = pair.cut(k * piece); }));
    errors.finish(n);
    for (std::uint64_t k = pieces; k-- > 0;) { // as they are, unless the ranges are not sorted
        if (cuts[k].a > cuts[k + 1].a) cuts[k].a = cuts[k + 1].a;
        if (cuts[k].b > cuts[k + 1].b) cuts[k].b = cuts[k + 1].b;
    }
    static_cast<void>(run.each(pieces, 0, piece, [&](std::uint64_t k) {
        std::uint64_t count = 0;
        auto const take = [&count](std::uint64_t) { ++count; };
        detail::walk_pair<choice>(pair, cuts[k], cuts[k + 1], take, take);
        ranks[k + 1] = count;
    }));
    errors.finish(n);
    for (std::uint64_t k = 0; k != pieces; ++k) ranks[k + 1] += ranks[k];
    detail::check_room(out, ranks[pieces]);
    auto const begin = detail::output_begin(out);
    static_cast<void>(run.each(pieces, 0, piece, [&](std::uint64_t k) {
        auto to = detail::advanced(begin, ranks[k]);
        auto const take_a = [&](std::uint64_t i) {
            *to = *detail::advanced(pair.a, i);
            ++to;
        };
        auto const take_b = [&](std::uint64_t j) {
            *to = *detail::advanced(pair.b, j);
            ++to;
        };
        detail::walk_pair<choice>(pair, cuts[k], cuts[k + 1], take_a, take_b);
        run.finished(k + 1 == pieces ? n - k * piece : piece);
    }));
    errors.finish(n);
    return detail::advanced(begin, ranks[pieces]);
}

/// The form of an operation that takes elements of two sorted ranges.
template<class Algorithm, set_choice choice>
struct set_form : call_form<Algorithm> {
    static constexpr std::size_t least = 2, most = 7;
    static constexpr bool steps = false;

    template<class A, class First, class Second, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, A&& a, First&& first, Second&& second,
                    Rest&&... rest) {
        if constexpr (second_is_between<First, Second, Rest...>) {
            auto const b = detail::source_between<std::decay_t<First>, std::decay_t<Second>>(first, second);
            return combine(pool, options, a, b, rest...);
        } else if constexpr (!any_range<std::remove_reference_t<First>> || sizeof...(Rest) > 3) {
            Algorithm::template usage<A>();
        } else {
            return combine(pool, options, a, first, second, rest...);
        }
    }

  private:
    template<class A, class B, class Out, class Compare = loop_options, class ProjA = loop_options,
             class ProjB = loop_options>
    static auto combine(thread_pool& pool, loop_options const& options, A& a, B& b, Out& out,
                        Compare const& compare = left_out<Compare>, ProjA const& proj_a = left_out<ProjA>,
                        ProjB const& proj_b = left_out<ProjB>) {
        using order = callable_type<usual_less, Compare>;
        using by_a = callable_type<as_it_is, ProjA>;
        using by_b = callable_type<as_it_is, ProjB>;
        if constexpr (explain_sorted_pair<A, B, order, by_a, by_b>()) {
            if constexpr (explain_assigned<Out, range_reference<A>>() && explain_assigned<Out, range_reference<B>>()) {
                elements const in_a(a);
                elements const in_b(b);
                order const& less = callable_or<order>(compare);
                by_a const& of_a = callable_or<by_a>(proj_a);
                by_b const& of_b = callable_or<by_b>(proj_b);
                sorted_pair<typename elements<A>::iterator, typename elements<B>::iterator, order, by_a, by_b> const
                    pair{in_a.begin(), in_a.size(), in_b.begin(), in_b.size(), less, of_a, of_b};
                return detail::combine_sorted<choice>(pool, pair, out, given_options(compare, proj_a, proj_b, options));
            }
        }
    }
};

struct parallel_set_union_fn : set_form<parallel_set_union_fn, set_choice{true, true, true}> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_set_union takes two ranges (or two pairs of iterators) and a destination for their elements, and "
            "may take a comparator and two projections; a pool may come first, and options last");
    }
};
struct parallel_set_intersection_fn : set_form<parallel_set_intersection_fn, set_choice{false, false, true}> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_set_intersection takes two ranges (or two pairs of iterators) and a destination for their "
            "elements, and may take a comparator and two projections; a pool may come first, and options last");
    }
};
struct parallel_set_difference_fn : set_form<parallel_set_difference_fn, set_choice{true, false, false}> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_set_difference takes two ranges (or two pairs of iterators) and a destination for their "
            "elements, and may take a comparator and two projections; a pool may come first, and options last");
    }
};
struct parallel_set_symmetric_difference_fn
    : set_form<parallel_set_symmetric_difference_fn, set_choice{true, true, false}> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_set_symmetric_difference takes two ranges (or two pairs of iterators) and a destination for "
            "their elements, and may take a comparator and two projections; a pool may come first, and options last");
    }
};

struct parallel_includes_fn : two_ranges_form<parallel_includes_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_includes takes two ranges (or two pairs of iterators), and may take a "
                                     "comparator and two projections; a pool may come first, and options last");
    }

    template<class A, class B, class Compare = loop_options, class ProjA = loop_options, class ProjB = loop_options>
    static auto with(thread_pool& pool, loop_options const& options, A&& a, B&& b,
                     Compare const& compare = left_out<Compare>, ProjA const& proj_a = left_out<ProjA>,
                     ProjB const& proj_b = left_out<ProjB>) {
        using source_a = std::remove_reference_t<A>;
        using source_b = std::remove_reference_t<B>;
        using order = callable_type<usual_less, Compare>;
        using by_a = callable_type<as_it_is, ProjA>;
        using by_b = callable_type<as_it_is, ProjB>;
        if constexpr (explain_sorted_pair<source_a, source_b, order, by_a, by_b>()) {
            elements const in_a(a);
            elements const in_b(b);
            order const& less = callable_or<order>(compare);
            by_a const& of_a = callable_or<by_a>(proj_a);
            by_b const& of_b = callable_or<by_b>(proj_b);
            sorted_pair<typename elements<source_a>::iterator, typename elements<source_b>::iterator, order, by_a,
                        by_b> const pair{in_a.begin(), in_a.size(), in_b.begin(), in_b.size(), less, of_a, of_b};
            auto const is_missing = [&pair](std::uint64_t j) {
                auto const equal_before = [&](std::uint64_t y) { return pair.less_bb(y, j); };
                auto const less_before = [&](std::uint64_t x) { return pair.less_ab(x, j); };
                stop_pace pace;
                std::uint64_t const rank =
                    j - detail::first_not(pace, 0, j, equal_before); // among those that are equal
                std::uint64_t const first = detail::first_not(pace, 0, pair.a_size, less_before);
                return pair.a_size - first <= rank || pair.less_ba(j, first + rank);
            };
            return detail::first_position(pool, in_b.size(), is_missing,
                                          given_options(compare, proj_a, proj_b, options)) == in_b.size();
        } else {
            return false;
        }
    }
};

} // namespace detail

/// Assigns to `out`, sorted, the elements of two ranges, each sorted by `compare` over its projection; of those that
/// are equal in both the first range's, and the rest of the range that has more, as std::set_union:
/// `parallel_set_union(a, b, out)`, `parallel_set_union(a, b, out, compare, proj_a, proj_b)`,
/// `parallel_set_union(a_first, a_last, b_first, b_last, out)`. `out` is a random access iterator, or a sized range;
/// one that is too short for the result throws `std::invalid_argument`, and nothing was assigned. It must not overlap
/// the inputs. Returns the end of the output. If an input is not sorted, it is unspecified which elements `out`
/// gets. **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this call.
/// **Throws** as `parallel_for`, an index being about that of an element of both ranges together. What is in `out` is
/// then unspecified. A failure ends its piece, also where failures are collected. **Order** none between the calls of
/// `compare` and the projections; all of them happen before the return. **Cost** up to four comparisons for each
/// element, and some for each piece, whose size is as that of `parallel_merge`; 24 bytes and two bytes of memory for
/// each piece.
inline constexpr detail::parallel_set_union_fn parallel_set_union{};

/// Assigns to `out` the elements of the first range that have a counterpart of their own in the second, as
/// std::set_intersection. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_set_union`, which is
/// called in the same way.
inline constexpr detail::parallel_set_intersection_fn parallel_set_intersection{};

/// Assigns to `out` the elements of the first range that have no counterpart of their own in the second, as
/// std::set_difference. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_set_union`, which is
/// called in the same way.
inline constexpr detail::parallel_set_difference_fn parallel_set_difference{};

/// Assigns to `out` the elements of either range that have no counterpart of their own in the other, as
/// std::set_symmetric_difference.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_set_union`, which is called in the same way.
inline constexpr detail::parallel_set_symmetric_difference_fn parallel_set_symmetric_difference{};

/// Returns whether each element of the second of two sorted ranges has a counterpart of its own in the first, as
/// std::includes: `parallel_includes(a, b)`, `parallel_includes(a, b, compare, proj_a, proj_b)`. Either range may be
/// two iterators. **Threads**, **Blocks**, **Throws**, **Order** as `parallel_find_if`. **Cost** a binary search in
/// both for each element of `b`.
inline constexpr detail::parallel_includes_fn parallel_includes{};

} // namespace hocket
