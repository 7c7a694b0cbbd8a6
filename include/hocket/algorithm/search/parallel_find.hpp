// SPDX-License-Identifier: MIT
// parallel_find, parallel_find_if_not, parallel_find_first_of, parallel_adjacent_find: searches for one or two
// elements. Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/forms/value_test.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_find_fn : value_form<parallel_find_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool steps = false;
    static constexpr bool finds = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_find takes a range (or two iterators, or two integers) and a value, and "
                                     "may take a projection; a pool may come first, and options last");
    }

    template<class Range, class T, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T const& value,
                    Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_lasting<Range>() && explain_value<source, T, callable_type<as_it_is, Proj>>()) {
            elements const in(range);
            return in.at(detail::find_first(pool, in.begin(), in.size(), is_value<T>{value},
                                            callable_or<as_it_is>(proj), given_options(proj, options)));
        }
    }
};

struct parallel_find_if_not_fn : value_form<parallel_find_if_not_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool finds = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_find_if_not takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (explain_lasting<Range>() && explain_search<std::remove_reference_t<Range>, Pred, Proj>()) {
            elements const in(range);
            return in.at(detail::find_first(pool, in.begin(), in.size(), negated<Pred>{pred},
                                            callable_or<as_it_is>(proj), given_options(proj, options)));
        }
    }
};

struct parallel_find_first_of_fn : compare_form<parallel_find_first_of_fn, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_find_first_of takes two ranges (or two pairs of iterators), and may "
                                     "take a predicate and two projections; a pool may come first, and options last");
    }

    template<class A, class B, class Test>
    static auto compare(thread_pool& pool, loop_options const& options, A const& a, B const& b, Test const& equal_at) {
        auto const is_any = [equal_at, count = b.size()](std::uint64_t i) {
            return first_of_many(count, [&](std::uint64_t j) { return equal_at(i, j); }) != count;
        };
        return a.at(detail::first_position(pool, a.size(), is_any, options));
    }
};

struct parallel_adjacent_find_fn : value_form<parallel_adjacent_find_fn> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool steps = false;
    static constexpr bool finds = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_adjacent_find takes a range (or two iterators, or two integers), and "
                                     "may take a predicate and a projection; a pool may come first, and options last");
    }

    template<class Range, class Test = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Test const& test = left_out<Test>,
                    Proj const& proj = left_out<Proj>) {
        using same = callable_type<equality, Test>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_lasting<Range>() && explain_neighbours<std::remove_reference_t<Range>, same, by>()) {
            elements const in(range);
            same const& equal = callable_or<same>(test);
            by const& of = callable_or<by>(proj);
            auto const equal_at = detail::test_between(in, in, equal, of, of);
            auto const begins_pair = [equal_at, n = in.size()](std::uint64_t i) {
                return n - i > 1 && equal_at(i, i + 1);
            };
            return in.at(detail::first_position(pool, in.size(), begins_pair, given_options(test, proj, options)));
        }
    }
};

} // namespace detail

/// Returns an iterator to the first element of a range for which `proj(element) == value`, or its end:
/// `parallel_find(range, value)`. Two iterators give an iterator, two integers an integer. The range is an lvalue, or a
/// range whose iterators outlive it. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_find_fn parallel_find{};

/// Returns an iterator to the first element of a range for which `pred(proj(element))` does not hold, or its end.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_find_if_not_fn parallel_find_if_not{};

/// Returns an iterator to the first element of a range that is equal to an element of another range, as
/// std::find_first_of: `parallel_find_first_of(range, wanted)`, `parallel_find_first_of(range, wanted, pred, proj,
/// proj_wanted)`. Either range may be two iterators. Each element is compared with the wanted elements one after the
/// other. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_find_first_of_fn parallel_find_first_of{};

/// Returns an iterator to the first element of a range that is equal to the element behind it, or the end of the range,
/// as std::adjacent_find: `parallel_adjacent_find(range)`, `parallel_adjacent_find(range, pred, proj)`; `pred` is by
/// default `==`. The range may be two iterators or two integers. **Threads**, **Blocks**, **Throws**, **Order**,
/// **Cost** as `parallel_find_if`; `proj` is called twice for each element.
inline constexpr detail::parallel_adjacent_find_fn parallel_adjacent_find{};

} // namespace hocket
