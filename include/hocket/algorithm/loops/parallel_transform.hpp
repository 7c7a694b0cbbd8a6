// SPDX-License-Identifier: MIT
// parallel_transform and parallel_adjacent_difference: apply a function to elements, pairs, or neighbours. Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory> // declares std::minus as well, without all of <functional>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Assigns the results of a function for the elements at equal positions of two ranges.
template<class A, class B, class Out, class F>
struct assign_pairs_kernel {
    static constexpr bool resumes = true;
    A const& a;
    B const& b;
    Out const& target;
    F const& f;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<F> run = f;
        A x = detail::advanced(a, first);
        B y = detail::advanced(b, first);
        Out out = detail::advanced(target, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), void(++x), void(++y), ++out) *out = detail::call(run, *x, *y);
    }
};

struct parallel_transform_fn : call_form<parallel_transform_fn> {
    static constexpr std::size_t least = 2, most = 4;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_transform takes a range (or two iterators, or two integers), perhaps a second one, a "
                      "destination for the results, and a function; a pool may come first, and options last");
    }

    template<class Range, class Out, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, F const& f) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_readable<source>()) {
            using reference = range_reference<source>;
            if constexpr (!shared_callable<F, reference>) {
                static_assert(says_why_not_element<F, reference>(),
                              "the function of parallel_transform takes one element of the range");
            } else if constexpr (explain_result<Out, call_result<F, reference>>()) {
                elements const in(range);
                detail::check_room(out, in.size());
                auto const begin = in.begin();
                auto const to = detail::output_begin(out);
                using in_iterator = std::remove_const_t<decltype(begin)>;
                using out_iterator = std::remove_const_t<decltype(to)>;
                detail::assign_results<out_iterator>(options, f, [&](auto const& function, loop_options const& rest) {
                    using function_type = std::remove_cvref_t<decltype(function)>;
                    detail::guarded_loop(pool, in.size(), rest,
                                         assign_kernel<in_iterator, out_iterator, function_type>{begin, to, function});
                });
                return detail::advanced(to, in.size());
            }
        }
    }

    template<class A, class B, class Out, class F>
    static auto run(thread_pool& pool, loop_options const& options, A&& a, B&& b, Out&& out, F const& f) {
        if constexpr (any_range<std::remove_reference_t<B>>) {
            return pairs(pool, options, a, b, out, f);
        } else if constexpr (!second_place<B>) {
            usage<A>();
        } else if constexpr (explain_readable<std::remove_reference_t<A>>()) {
            std::decay_t<B> const first(b);
            elements const in(a);
            iterator_range<std::decay_t<B>> const second(first, detail::advanced(first, in.size()));
            return pairs(pool, options, a, second, out, f);
        }
    }

    template<class A, class First, class Last, class Out, class F>
    static auto run(thread_pool& pool, loop_options const& options, A&& a, First&& first, Last&& last, Out&& out,
                    F const& f) {
        if constexpr (!two_bounds<First, Last>) {
            usage<A>();
        } else {
            auto const second = detail::source_between<std::decay_t<First>, std::decay_t<Last>>(first, last);
            return pairs(pool, options, a, second, out, f);
        }
    }

  private:
    template<class Out, class Result>
    static constexpr bool explain_result() {
        constexpr bool gives = !std::is_void_v<Result>;
        static_assert(gives, "the function of parallel_transform returns nothing: use parallel_for");
        if constexpr (gives) return explain_assigned<Out, Result>();
        return false;
    }

    template<class A, class B, class Out, class F>
    static auto pairs(thread_pool& pool, loop_options const& options, A& a, B& b, Out& out, F const& f) {
        if constexpr (explain_readable<A>() && explain_readable<B>()) {
            if constexpr (!shared_callable<F, range_reference<A>, range_reference<B>>) {
                static_assert(says_why<F, range_reference<A>, range_reference<B>>(),
                              "the function of parallel_transform takes one element of each range");
            } else if constexpr (explain_result<Out, call_result<F, range_reference<A>, range_reference<B>>>()) {
                elements const in_a(a);
                elements const in_b(b);
                std::uint64_t const n = in_a.size() < in_b.size() ? in_a.size() : in_b.size();
                detail::check_room(out, n);
                auto const x = in_a.begin();
                auto const y = in_b.begin();
                auto const to = detail::output_begin(out);
                using out_iterator = std::remove_const_t<decltype(to)>;
                detail::assign_results<out_iterator>(options, f, [&](auto const& function, loop_options const& rest) {
                    detail::guarded_loop(
                        pool, n, rest,
                        assign_pairs_kernel<typename elements<A>::iterator, typename elements<B>::iterator,
                                            out_iterator, std::remove_cvref_t<decltype(function)>>{x, y, to, function});
                });
                return detail::advanced(to, n);
            }
        }
    }
};

/// Assigns the first element, and then the result of `op` for each element and the one before it.
template<class In, class Out, class Op>
struct difference_at {
    In in;
    Out out;
    hot_callable<Op> op;

    void operator()(std::uint64_t i) const {
        using element = std::iter_value_t<Out>;
        if (i == 0)
            *out = detail::as_element<element>(*in);
        else
            *detail::advanced(out, i) =
                detail::as_element<element>(detail::call(op, *detail::advanced(in, i), *detail::advanced(in, i - 1)));
    }
};

struct parallel_adjacent_difference_fn : call_form<parallel_adjacent_difference_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_adjacent_difference takes a range (or two iterators, or two integers) and a destination for the "
            "differences, and may take an operation; a pool may come first, and options last");
    }

    template<class Range, class Out, class Op = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out,
                    Op const& op = left_out<Op>) {
        using source = std::remove_reference_t<Range>;
        using operation = callable_type<std::minus<>, Op>;
        if constexpr (explain_readable<source>()) {
            using reference = range_reference<source>;
            constexpr bool fits = shared_callable<operation, reference, reference>;
            if constexpr (!fits && std::is_same_v<operation, std::minus<>>) {
                static_assert(fits,
                              "parallel_adjacent_difference without an operation subtracts, and these elements have "
                              "no operator-: give an operation");
            } else if constexpr (!fits) {
                static_assert(says_why<operation, reference, reference>(),
                              "the operation of parallel_adjacent_difference takes two elements of the range");
            } else if constexpr (explain_assigned<Out, reference>() &&
                                 explain_assigned<Out, call_result<operation, reference, reference>>()) {
                elements const in(range);
                detail::check_room(out, in.size());
                auto const to = detail::output_begin(out);
                using out_iterator = std::remove_const_t<decltype(to)>;
                operation const& difference = callable_or<operation>(op);
                detail::for_positions(pool, in.size(), given_options(op, options),
                                      difference_at<typename elements<source>::iterator, out_iterator, operation>{
                                          in.begin(), to, difference});
                return detail::advanced(to, in.size());
            }
        }
    }
};

} // namespace detail

/// Assigns the results of a function for each element of a range, as std::transform:
/// `parallel_transform(range, out, f)`. With two ranges the function takes the elements at equal positions:
/// `parallel_transform(a, b, out, f)`. Either range may be two iterators or two integers. The second may be one
/// iterator, and is then as long as the first; otherwise the shorter range counts. `out` is a random access iterator,
/// or a sized range that is long enough: a shorter range throws `std::invalid_argument`, and nothing has run. It may be
/// one of the inputs. If it holds `outcome`s, `.errors = error_policy::keep` works as in `parallel_map`. Returns the
/// end of the output. **Threads**, **Blocks**, **Throws**, **Order** as `parallel_map`. **Cost** no allocation.
inline constexpr detail::parallel_transform_fn parallel_transform{};

/// Assigns the first element of a range, and behind it `op(element, the one before it)` for each other element, as
/// std::adjacent_difference: `parallel_adjacent_difference(range, out)`,
/// `parallel_adjacent_difference(range, out, op)`; without `op` it subtracts. `out` is as that of `parallel_transform`,
/// but must not overlap the range. Returns the end of the output. **Threads**, **Blocks**, **Throws**, **Order**
/// as `parallel_map`. **Cost** no allocation.
inline constexpr detail::parallel_adjacent_difference_fn parallel_adjacent_difference{};

} // namespace hocket
