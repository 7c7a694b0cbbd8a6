// SPDX-License-Identifier: MIT
// parallel_equal, parallel_mismatch, parallel_lexicographical_compare: two ranges compared element by element.
// Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/projection.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_equal_fn : compare_form<parallel_equal_fn, false> {
    static constexpr bool as_long_as_first = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_equal takes two ranges (or two pairs of iterators), and may take a "
                                     "predicate and two projections; a pool may come first, and options last");
    }

    template<class A, class B, class Test>
    static bool compare(thread_pool& pool, loop_options const& options, A const& a, B const& b, Test const& equal_at) {
        std::uint64_t const n = a.size() == b.size() ? a.size() : 0;
        return detail::first_difference(pool, n, equal_at, options) == n && a.size() == b.size();
    }
};

struct parallel_mismatch_fn : compare_form<parallel_mismatch_fn, true, true> {
    static constexpr bool as_long_as_first = true;

    template<class First, class A, class B>
    static constexpr auto found(std::pair<A, B> const& positions) {
        auto const first = detail::found_between<First>(positions.first);
        return std::pair<std::remove_const_t<decltype(first)>, B>(first, positions.second);
    }

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_mismatch takes two ranges (or two pairs of iterators), and may take a "
                                     "predicate and two projections; a pool may come first, and options last");
    }

    template<class A, class B, class Test>
    static auto compare(thread_pool& pool, loop_options const& options, A const& a, B const& b, Test const& equal_at) {
        std::uint64_t const n = a.size() < b.size() ? a.size() : b.size();
        std::uint64_t const at = detail::first_difference(pool, n, equal_at, options);
        return std::pair(a.at(at), b.at(at));
    }
};

struct parallel_lexicographical_compare_fn : two_ranges_form<parallel_lexicographical_compare_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_lexicographical_compare takes two ranges (or two pairs of iterators), and may take a "
                      "comparator and two projections; a pool may come first, and options last");
    }

    template<class A, class B, class Less = loop_options, class ProjA = loop_options, class ProjB = loop_options>
    static auto with(thread_pool& pool, loop_options const& options, A&& a, B&& b, Less const& less = left_out<Less>,
                     ProjA const& proj_a = left_out<ProjA>, ProjB const& proj_b = left_out<ProjB>) {
        using order = callable_type<usual_less, Less>;
        using by_a = callable_type<as_it_is, ProjA>;
        using by_b = callable_type<as_it_is, ProjB>;
        using source_a = std::remove_reference_t<A>;
        using source_b = std::remove_reference_t<B>;
        if constexpr (explain_pair<source_a, source_b, order, by_a, by_b>() &&
                      explain_pair<source_b, source_a, order, by_b, by_a>()) {
            elements const in_a(a);
            elements const in_b(b);
            loop_options const& rest = given_options(less, proj_a, proj_b, options);
            order const& compare = callable_or<order>(less);
            by_a const& of_a = callable_or<by_a>(proj_a);
            by_b const& of_b = callable_or<by_b>(proj_b);
            std::uint64_t const n = in_a.size() < in_b.size() ? in_a.size() : in_b.size();
            auto const a_less = detail::test_between(in_a, in_b, compare, of_a, of_b);
            auto const b_less = detail::test_between(in_b, in_a, compare, of_b, of_a);
            auto const differs = [a_less, b_less](std::uint64_t i) { return a_less(i, i) || b_less(i, i); };
            std::uint64_t const at = detail::first_position(pool, n, differs, rest);
            return at != n ? a_less(at, at) : in_a.size() < in_b.size();
        } else {
            return false;
        }
    }
};

} // namespace detail

/// Returns whether two ranges have the same number of elements, and `pred(proj_a(a[i]), proj_b(b[i]))` holds for each
/// position, as std::equal: `parallel_equal(a, b)`, `parallel_equal(a, b, pred, proj_a, proj_b)`; `pred` is by default
/// `==`. Either range may be two iterators. The second may be one iterator, and is then as long as the first. If the
/// sizes differ, nothing is compared. Callables are called through const references, from several threads at once.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_equal_fn parallel_equal{};

/// Returns a std::pair of iterators to the first position at which two ranges differ, as std::mismatch:
/// `auto [x, y] = parallel_mismatch(a, b)`. If they do not differ, it is the end of the shorter range, and that
/// position in the other. It takes the arguments of `parallel_equal`. Both ranges are lvalues, or ranges whose
/// iterators outlive them. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_mismatch_fn parallel_mismatch{};

/// Returns whether a range comes before another range in lexicographical order, as std::lexicographical_compare:
/// `parallel_lexicographical_compare(a, b)`, `parallel_lexicographical_compare(a, b, less, proj_a, proj_b)`; `less` is
/// by default `<`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`; two calls of `less`
/// for each position.
inline constexpr detail::parallel_lexicographical_compare_fn parallel_lexicographical_compare{};

} // namespace hocket
