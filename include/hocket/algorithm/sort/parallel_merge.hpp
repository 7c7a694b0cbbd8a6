// SPDX-License-Identifier: MIT
// parallel_merge: two sorted ranges merged into a third.
// Public.
#pragma once

#include <hocket/algorithm/sort/merge_path.hpp>
#include <hocket/algorithm/sort/sort_order.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/loop/loop.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// The default order: operator< alone is enough, as in the standard's algorithms.
struct merge_order {
    template<class A, class B>
    constexpr bool operator()(A&& a, B&& b) const requires requires {
        static_cast<bool>(a < b);
    }
    {
        if constexpr (shared_callable<std::ranges::less, A, B>)
            return std::ranges::less()(a, b);
        else
            return static_cast<bool>(a < b);
    }
};

/// `less(b, a)` of an element of the second range and one of the first.
template<class Compare, class ProjA, class ProjB>
struct merge_less {
    Compare const& compare;
    ProjA const& proj_a;
    ProjB const& proj_b;

    template<class B, class A>
    bool operator()(B&& b, A&& a) const {
        return static_cast<bool>(detail::call(compare, detail::call(proj_b, b), detail::call(proj_a, a)));
    }
};

/// Says what is wrong with the types of a merge; false if there is something.
template<class A, class B, class Compare, class ProjA, class ProjB>
constexpr bool explain_merge() {
    if constexpr (explain_random<A>() && explain_random<B>()) {
        constexpr bool projects_a = shared_callable<ProjA, range_reference<A>>;
        constexpr bool projects_b = shared_callable<ProjB, range_reference<B>>;
        constexpr bool projects = projects_a && projects_b;
        if constexpr (!projects_a)
            static_assert(says_why<ProjA, range_reference<A>>(),
                          "a projection of parallel_merge takes one element of its range; options come last");
        else if constexpr (!projects_b)
            static_assert(says_why<ProjB, range_reference<B>>(),
                          "a projection of parallel_merge takes one element of its range; options come last");
        if constexpr (projects) {
            using a = call_result<ProjA, range_reference<A>>;
            using b = call_result<ProjB, range_reference<B>>;
            constexpr bool fits = shared_callable<Compare, b, a>;
            if constexpr (std::is_same_v<Compare, merge_order>)
                static_assert(fits, "parallel_merge without a comparator orders by operator<, which these elements (or "
                                    "the results of the projection) do not have");
            else if constexpr (!fits)
                static_assert(says_why<Compare, b, a>(),
                              "the comparator of parallel_merge takes an element of the second range and one of the "
                              "first (or the results of the projection)");
            if constexpr (fits) {
                constexpr bool decides = std::is_convertible_v<call_result<Compare, b, a>, bool>;
                static_assert(decides, "the comparator of parallel_merge does not return a bool");
                return decides;
            }
        }
    }
    return false;
}

template<class A, class B, class Out, class Less>
void merge_piece_of(A a, A a_end, B b, B b_end, Out out, Less const& b_less_a) {
    while (a != a_end && b != b_end) {
        if (b_less_a(*b, *a)) {
            *out = *b;
            ++b;
        } else {
            *out = *a;
            ++a;
        }
        ++out;
    }
    for (; a != a_end; void(++a), ++out) *out = *a;
    for (; b != b_end; void(++b), ++out) *out = *b;
}

/// The number of elements of a piece. A look at the clock tells whether a few are worth cutting: by the time of some
/// comparisons.
template<class A, class B, class Less>
std::uint64_t merge_grain(A const& a, std::uint64_t a_size, B const& b, std::uint64_t b_size, Less const& b_less_a) {
    constexpr std::uint64_t usual = 512, asked = 4;
    std::uint64_t const n = a_size + b_size;
    if (n / 64 >= usual) return n / 64 < merge_piece ? n / 64 : merge_piece;
    if (a_size <= asked || b_size <= asked || n < 64) return usual;
    double const each =
        detail::ticks_of_a_call(asked, [&](std::uint64_t i) { return b_less_a(*advanced(b, i), *advanced(a, i)); });
    if (each * static_cast<double>(n) < static_cast<double>(2 * loop_times::get().share_cold)) return usual;
    std::uint64_t const least = 4 * static_cast<std::uint64_t>(std::bit_width(n)); // two searches are a half of that
    return n / 64 < least ? least : n / 64;
}

template<class Iterator, class T>
concept plain_storage = std::contiguous_iterator<Iterator> && std::is_same_v<std::iter_value_t<Iterator>, T> &&
    is_plain<T> &&(sizeof(T) <= 32);

/// Says what is wrong with the output of a merge; false if there is something.
template<class A, class B, class Out>
constexpr bool explain_merged() {
    constexpr bool packed = packed_bits<Out>;
    static_assert(
        !packed, "parallel_merge into a std::vector<bool>: neighbouring elements share a word and cannot be written at "
                 "the same time; use std::vector<char>");
    using place = std::iter_reference_t<Out>;
    constexpr bool open = explain_written<Out>();
    constexpr bool assigns =
        std::is_assignable_v<place, range_reference<A>> && std::is_assignable_v<place, range_reference<B>>;
    static_assert(assigns, "parallel_merge cannot assign the elements of its inputs to those of `out`");
    return !packed && open && assigns;
}

template<class A, class B, class Out, class Less>
Out merge_ranges(thread_pool& pool, A const& a, std::uint64_t a_size, B const& b, std::uint64_t b_size, Out const& out,
                 Less const& b_less_a, loop_options const& options) {
    check_options(options);
    loop_errors errors(options);
    sort_run const run(pool, options, errors);
    std::uint64_t const n = a_size + b_size;
    if (!errors.stopped()) run.expect(n);
    std::uint64_t piece = options.grain;
    bool slow = false;
    if (a_size != 0 && b_size != 0 && n >= 256)
        static_cast<void>(
            run.once([&](std::uint64_t) { slow = is_slow_call([&] { return static_cast<bool>(b_less_a(*b, *a)); }); }));
    if (piece == 0 && n != 0 && !errors.stopped())
        static_cast<void>(
            run.once([&](std::uint64_t) { piece = detail::merge_grain(a, a_size, b, b_size, b_less_a); }));
    if (piece != 0 && n / piece > std::uint64_t{1} << 24) piece = n >> 24;
    auto const merge_one = [&](std::uint64_t k, auto const& less) {
        std::uint64_t const first = k * piece;
        std::uint64_t const last = n - first < piece ? n : first + piece;
        std::uint64_t const i = merge_split(a, a_size, b, b_size, first, less);
        std::uint64_t const end = merge_split(a, a_size, b, b_size, last, less);
        std::uint64_t const j = end < i ? i : end - i > last - first ? i + (last - first) : end; // not sorted
        using element = std::iter_value_t<Out>;
        if constexpr (plain_storage<A, element> && plain_storage<B, element> && plain_storage<Out, element>)
            merge_plain(static_cast<element const*>(std::to_address(a)) + i, j - i,
                        static_cast<element const*>(std::to_address(b)) + (first - i), (last - j) - (first - i),
                        std::to_address(out) + first, less);
        else
            merge_piece_of(advanced(a, i), advanced(a, j), advanced(b, first - i), advanced(b, last - j),
                           advanced(out, first), less);
        run.finished(last - first);
    };
    auto const merge_all = [&](auto const& body) { static_cast<void>(run.each((n - 1) / piece + 1, 0, piece, body)); };
    if (piece != 0 && n != 0 && !errors.stopped()) {
        if (slow)
            merge_all([&](std::uint64_t k) { merge_one(k, looking_call<Less>{b_less_a}); });
        else if (n < 256) // of unknown cost
            merge_all([&](std::uint64_t k) {
                stop_pace pace;
                merge_one(k, paced_call<Less>{b_less_a, pace});
            });
        else
            merge_all([&](std::uint64_t k) { merge_one(k, b_less_a); });
    }
    errors.finish(n);
    return advanced(out, n);
}

/// Whether the second input is two iterators; then a place to write to stands behind them.
template<class First, class Last, class... Rest>
inline constexpr bool second_is_between = false;
template<class First, class Last, class Out, class... Rest>
    requires(two_bounds<First, Last> && sizeof...(Rest) < 4)
inline constexpr bool second_is_between<First, Last, Out, Rest...> = write_target<Out>;

struct parallel_merge_fn : call_form<parallel_merge_fn> {
    static constexpr std::size_t least = 2, most = 7;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_merge takes two ranges (or two pairs of iterators) and a destination for their elements, and may "
            "take a comparator and two projections; a pool may come first, and options last");
    }

    template<class RangeA, class First, class Second, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, RangeA&& a, First&& first, Second&& second,
                    Rest&&... rest) {
        if constexpr (second_is_between<First, Second, Rest...>) {
            auto const b = detail::source_between<std::decay_t<First>, std::decay_t<Second>>(first, second);
            return merge(pool, options, a, b, rest...);
        } else if constexpr (!any_range<std::remove_reference_t<First>> || sizeof...(Rest) > 3) {
            usage<RangeA>();
        } else {
            return merge(pool, options, a, first, second, rest...);
        }
    }

  private:
    template<class RangeA, class RangeB, class Out, class Compare = loop_options, class ProjA = loop_options,
             class ProjB = loop_options>
    static auto merge(thread_pool& pool, loop_options const& options, RangeA& a, RangeB& b, Out& out,
                      Compare const& compare = left_out<Compare>, ProjA const& proj_a = left_out<ProjA>,
                      ProjB const& proj_b = left_out<ProjB>) {
        using order = callable_type<merge_order, Compare>;
        using by_a = callable_type<as_it_is, ProjA>;
        using by_b = callable_type<as_it_is, ProjB>;
        if constexpr (!write_target<Out>) {
            static_assert(never<Out>, "parallel_merge writes to a random access iterator, or to a range with random "
                                      "access and a size: the argument after the inputs is neither");
        } else if constexpr (explain_merge<RangeA, RangeB, order, by_a, by_b>() &&
                             explain_merged<RangeA, RangeB, written_iterator<Out>>()) {
            std::uint64_t const a_size = range_length(a), b_size = range_length(b);
            merge_less<order, by_a, by_b> const less{callable_or<order>(compare), callable_or<by_a>(proj_a),
                                                     callable_or<by_b>(proj_b)};
            loop_options const& rest = given_options(compare, proj_a, proj_b, options);
            if constexpr (parallel_range<Out>) {
                if (range_length(out) < a_size || range_length(out) - a_size < b_size)
                    throw std::invalid_argument(
                        "hocket: the output range of parallel_merge is shorter than its inputs together");
                return detail::merge_ranges(pool, std::ranges::begin(a), a_size, std::ranges::begin(b), b_size,
                                            std::ranges::begin(out), less, rest);
            } else {
                return detail::merge_ranges(pool, std::ranges::begin(a), a_size, std::ranges::begin(b), b_size,
                                            std::decay_t<Out>(out), less, rest);
            }
        }
    }
};

} // namespace detail

/// Merges two ranges, each sorted by `compare` over its projection, into `out`: all elements, sorted, of equal ones
/// those of the first range first, and else in the order in which they were. `parallel_merge(a, b, out)`,
/// `parallel_merge(a, b, out, compare)`, `parallel_merge(a_first, a_last, b_first, b_last, out)`; behind the comparator
/// stands a projection for each. `out` is a random access iterator, or a sized range that is at least as long as both:
/// a shorter one throws `std::invalid_argument`, and nothing has run. It must not overlap the inputs. Returns the
/// iterator behind the last element written. If an input is not sorted, it is unspecified which elements `out` gets.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this merge.
/// **Throws** as `parallel_for`, an index being one of the output. What is in `out` is then unspecified. A failure ends
/// its piece, also where failures are collected. **Order** none between the calls of `compare` and the projections; all
/// of them happen before the return. **Cost** a comparison for each element, and some for each piece of 512 to 8192
/// elements (fewer, if the elements are few and their comparisons take long), or of `.grain`; a byte of memory for each
/// piece.
inline constexpr detail::parallel_merge_fn parallel_merge{};

} // namespace hocket
