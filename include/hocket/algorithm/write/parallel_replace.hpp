// SPDX-License-Identifier: MIT
// parallel_replace, parallel_replace_if and their copies: a new value in the place of some elements.
// Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/value_test.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

template<class Iterator, class Pred, class Proj, class T>
struct replace_kernel {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Pred const& pred;
    Proj const& proj;
    T const& value;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Pred> test = pred;
        hot_callable<Proj> by = proj;
        hot_callable<T> replacement = value;
        Iterator element = detail::advanced(begin, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), ++element)
            if (static_cast<bool>(detail::call(test, detail::call(by, *element))))
                *element = detail::as_element<std::iter_value_t<Iterator>>(replacement);
    }
};

template<class Iterator, class Out, class Pred, class Proj, class T>
struct replace_copy_kernel {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Out const& target;
    Pred const& pred;
    Proj const& proj;
    T const& value;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        using to = std::iter_value_t<Out>;
        hot_callable<Pred> test = pred;
        hot_callable<Proj> by = proj;
        hot_callable<T> replacement = value;
        Iterator element = detail::advanced(begin, first);
        Out out = detail::advanced(target, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), void(++element), ++out) {
            if (static_cast<bool>(detail::call(test, detail::call(by, *element))))
                *out = detail::as_element<to>(replacement);
            else
                *out = detail::as_element<to>(*element);
        }
    }
};

/// Checks the value, and replaces the elements that satisfy a predicate.
template<class Range, class Pred, class T, class Proj>
auto replace_in(thread_pool& pool, loop_options const& options, Range& range, Pred const& pred, T const& value,
                Proj const& proj) {
    if constexpr (explain_random<Range>()) {
        if constexpr (explain_assigned<Range, T const&>()) {
            using by = callable_type<as_it_is, Proj>;
            auto const begin = std::ranges::begin(range);
            by const& of = callable_or<by>(proj);
            detail::guarded_loop(pool, detail::range_length(range), given_options(proj, options),
                                 replace_kernel<range_iterator<Range>, Pred, by, T>{begin, pred, of, value});
        }
    }
}

template<class Range, class Out, class Pred, class T, class Proj>
auto replace_into(thread_pool& pool, loop_options const& options, Range& range, Out& out, Pred const& pred,
                  T const& value, Proj const& proj) {
    if constexpr (explain_assigned<Out, T const&>() && explain_assigned<Out, range_reference<Range>>()) {
        using by = callable_type<as_it_is, Proj>;
        elements const in(range);
        detail::check_room(out, in.size());
        auto const begin = in.begin();
        auto const to = detail::output_begin(out);
        by const& of = callable_or<by>(proj);
        using in_iterator = std::remove_const_t<decltype(begin)>;
        using out_iterator = std::remove_const_t<decltype(to)>;
        detail::guarded_loop(pool, in.size(), given_options(proj, options),
                             replace_copy_kernel<in_iterator, out_iterator, Pred, by, T>{begin, to, pred, of, value});
        return detail::advanced(to, in.size());
    }
}

struct parallel_replace_fn : call_form<parallel_replace_fn> {
    static constexpr std::size_t least = 2, most = 3;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_replace takes a range (or two iterators), a value and its replacement, "
                                     "and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Old, class T, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Old const& old, T const& value,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (explain_value<std::remove_reference_t<Range>, Old, callable_type<as_it_is, Proj>>())
            detail::replace_in(pool, options, range, is_value<Old>{old}, value, proj);
    }
};

struct parallel_replace_if_fn : call_form<parallel_replace_if_fn> {
    static constexpr std::size_t least = 2, most = 3;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_replace_if takes a range (or two iterators), a predicate and a value, "
                                     "and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class T, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred, T const& value,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (check_predicate<std::remove_reference_t<Range>, Pred, callable_type<as_it_is, Proj>>())
            detail::replace_in(pool, options, range, pred, value, proj);
    }
};

struct parallel_replace_copy_fn : call_form<parallel_replace_copy_fn> {
    static constexpr std::size_t least = 3, most = 4;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_replace_copy takes a range (or two iterators, or two integers), a destination, a value "
                      "and its replacement, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Out, class Old, class T, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, Old const& old,
                    T const& value, Proj const& proj = left_out<Proj>) {
        if constexpr (explain_value<std::remove_reference_t<Range>, Old, callable_type<as_it_is, Proj>>())
            return detail::replace_into(pool, options, range, out, is_value<Old>{old}, value, proj);
    }
};

struct parallel_replace_copy_if_fn : call_form<parallel_replace_copy_if_fn> {
    static constexpr std::size_t least = 3, most = 4;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_replace_copy_if takes a range (or two iterators, or two integers), a destination, a "
                      "predicate and a value, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Out, class Pred, class T, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, Pred const& pred,
                    T const& value, Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_readable<source>())
            if constexpr (check_predicate<source, Pred, callable_type<as_it_is, Proj>>())
                return detail::replace_into(pool, options, range, out, pred, value, proj);
    }
};

} // namespace detail

/// Assigns a new value to each element of a range for which `pred(proj(element))` holds, as std::replace_if:
/// `parallel_replace_if(range, pred, value)`; the range may be two iterators. **Threads** any; the caller takes part.
/// **Blocks** until all work has finished, and helps only with this loop. **Throws** as `parallel_for`; elements that
/// were replaced by then stay so. **Order** none. **Cost** no allocation.
inline constexpr detail::parallel_replace_if_fn parallel_replace_if{};

/// Assigns a new value to each element of a range for which `proj(element) == old`:
/// `parallel_replace(range, old, value)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_replace_if`.
inline constexpr detail::parallel_replace_fn parallel_replace{};

/// Assigns each element of a range to the element of `out` at the same position, but a new value where
/// `pred(proj(element))` holds: `parallel_replace_copy_if(range, out, pred, value)`. `out` is as that of
/// `parallel_transform`. Returns the end of the output. **Threads**, **Blocks**, **Throws**, **Order**, **Cost**
/// as `parallel_replace_if`.
inline constexpr detail::parallel_replace_copy_if_fn parallel_replace_copy_if{};

/// Assigns each element of a range to the element of `out` at the same position, but a new value where
/// `proj(element) == old`: `parallel_replace_copy(range, out, old, value)`. **Threads**, **Blocks**, **Throws**,
/// **Order**, **Cost** as `parallel_replace_copy_if`.
inline constexpr detail::parallel_replace_copy_fn parallel_replace_copy{};

} // namespace hocket
