// SPDX-License-Identifier: MIT
// parallel_reverse, parallel_rotate, parallel_shift_left, parallel_shift_right, parallel_swap_ranges: elements that
// change places. Public.
#pragma once

#include <hocket/algorithm/forms/middle_form.hpp>
#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/base/options.hpp>
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
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Exchanges an element with the element at the mirrored position.
template<class Iterator>
struct swap_ends {
    Iterator begin;
    std::uint64_t n;

    void operator()(std::uint64_t i) const {
        std::ranges::iter_swap(detail::advanced(begin, i), detail::advanced(begin, n - 1 - i));
    }
};

/// Reverses `n` elements, as a part of an operation over `total`.
template<class Iterator>
void reverse_part(thread_pool& pool, Iterator const& begin, std::uint64_t n, loop_options const& options,
                  loop_errors& errors, std::uint64_t total) {
    detail::for_positions(pool, n / 2, options, errors, total, swap_ends<Iterator>{begin, n});
}

/// Rotates `n` elements to the left by `by` places: both parts are reversed, and then the whole, in place.
template<class Iterator>
void rotate_elements(thread_pool& pool, Iterator const& begin, std::uint64_t n, std::uint64_t by,
                     loop_options const& options) {
    check_options(options);
    loop_errors errors(options);
    errors.finish(n);
    expect(options, n);
    if (by != 0 && by != n) {
        detail::reverse_part(pool, begin, by, options, errors, n);
        detail::reverse_part(pool, detail::advanced(begin, by), n - by, options, errors, n);
        detail::reverse_part(pool, begin, n, options, errors, n);
    }
    finished(options, n);
}

struct parallel_reverse_fn : call_form<parallel_reverse_fn> {
    static constexpr std::size_t least = 0, most = 0;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_reverse takes a range (or two iterators); a pool may come first, and options last");
    }

    template<class Range>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_random<source>()) {
            if constexpr (explain_permuted<range_iterator<source>>()) {
                check_options(options);
                loop_errors errors(options);
                std::uint64_t const n = detail::range_length(range);
                errors.finish(n);
                expect(options, n);
                detail::reverse_part(pool, std::ranges::begin(range), n, options, errors, n);
                finished(options, n);
            }
        }
    }
};

/// Writes elements to other places of an output: `place(i)` says where.
template<class Range, class Out, class Place>
auto copy_to_places(thread_pool& pool, loop_options const& options, elements<Range> const& in, Out& out,
                    Place const& place) {
    detail::check_room(out, in.size());
    auto const to = detail::output_begin(out);
    detail::for_positions(pool, in.size(), options, [from = in.begin(), to, place](std::uint64_t i) {
        using element = std::iter_value_t<std::remove_const_t<decltype(to)>>;
        *detail::advanced(to, place(i)) = detail::as_element<element>(*detail::advanced(from, i));
    });
    return detail::advanced(to, in.size());
}

struct parallel_reverse_copy_fn : call_form<parallel_reverse_copy_fn> {
    static constexpr std::size_t least = 1, most = 1;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_reverse_copy takes a range (or two iterators, or two integers) and a "
                                     "destination; a pool may come first, and options last");
    }

    template<class Range, class Out>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_readable<source>()) {
            if constexpr (explain_assigned<Out, range_reference<source>>()) {
                elements const in(range);
                auto const place = [n = in.size()](std::uint64_t i) { return n - 1 - i; };
                return detail::copy_to_places(pool, options, in, out, place);
            }
        }
    }
};

struct parallel_rotate_fn : middle_form<parallel_rotate_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_rotate takes a range and an iterator into it (or three iterators: "
                                     "first, middle, last); a pool may come first, and options last");
    }

    template<class Range>
    static auto at_place(thread_pool& pool, loop_options const& options, Range& range, std::uint64_t position) {
        using iterator = range_iterator<Range>;
        if constexpr (explain_permuted<iterator>()) {
            iterator const begin = std::ranges::begin(range);
            std::uint64_t const n = detail::range_length(range);
            detail::rotate_elements(pool, begin, n, position, options);
            return iterator_range<iterator>(detail::advanced(begin, n - position), detail::advanced(begin, n));
        }
    }
};

struct parallel_rotate_copy_fn : middle_form<parallel_rotate_copy_fn> {
    static constexpr std::size_t least_behind = 1, most_behind = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_rotate_copy takes a range and an iterator into it (or three iterators: "
                                     "first, middle, last) and a destination; a pool may come first, and options last");
    }

    template<class Range, class Out>
    static auto at_place(thread_pool& pool, loop_options const& options, Range& range, std::uint64_t position,
                         Out& out) {
        if constexpr (explain_assigned<Out, range_reference<Range>>()) {
            elements const in(range);
            auto const place = [position, n = in.size()](std::uint64_t i) {
                return i < position ? n - position + i : i - position;
            };
            return detail::copy_to_places(pool, options, in, out, place);
        }
    }
};

/// The form of both shifts: they rotate, so no element is lost.
template<class Algorithm, bool to_left>
struct shift_form : call_form<Algorithm> {
    static constexpr std::size_t least = 1, most = 1;
    static constexpr bool steps = false;

    template<class Range, class Count>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Count const& count) {
        using source = std::remove_reference_t<Range>;
        constexpr bool counts = loop_index<Count>;
        static_assert(counts, "hocket: a shift is by a number of positions, which is an integer");
        if constexpr (counts && explain_random<source>()) {
            using iterator = range_iterator<source>;
            if constexpr (explain_permuted<iterator>()) {
                iterator const begin = std::ranges::begin(range);
                std::uint64_t const n = detail::range_length(range), wanted = index_length(Count{0}, count);
                std::uint64_t const by = wanted < n ? wanted : n;
                detail::rotate_elements(pool, begin, n, to_left ? by : n - by, options);
                return to_left ? iterator_range<iterator>(begin, detail::advanced(begin, n - by))
                               : iterator_range<iterator>(detail::advanced(begin, by), detail::advanced(begin, n));
            }
        }
    }
};

struct parallel_shift_left_fn : shift_form<parallel_shift_left_fn, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_shift_left takes a range (or two iterators) and a number of positions; "
                                     "a pool may come first, and options last");
    }
};
struct parallel_shift_right_fn : shift_form<parallel_shift_right_fn, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_shift_right takes a range (or two iterators) and a number of positions; "
                                     "a pool may come first, and options last");
    }
};

struct parallel_swap_ranges_fn : two_ranges_form<parallel_swap_ranges_fn, call_form<parallel_swap_ranges_fn>> {
    static constexpr bool as_long_as_first = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_swap_ranges takes two ranges (or two pairs of iterators); a pool may "
                                     "come first, and options last");
    }

    template<class A, class B, class... Rest>
    static auto with(thread_pool& pool, loop_options const& options, A&& a, B&& b, Rest&...) {
        using source_a = std::remove_reference_t<A>;
        using source_b = std::remove_reference_t<B>;
        if constexpr (sizeof...(Rest) != 0) {
            usage<A>();
        } else if constexpr (explain_random<source_a>() && explain_random<source_b>()) {
            using first = range_iterator<source_a>;
            using second = range_iterator<source_b>;
            if constexpr (explain_permuted<first>() && explain_permuted<second>()) {
                constexpr bool swaps = std::indirectly_swappable<first, second>;
                static_assert(swaps, "parallel_swap_ranges cannot exchange the elements of one range with those of the "
                                     "other");
                if constexpr (swaps) {
                    std::uint64_t const m = detail::range_length(a), k = detail::range_length(b), n = m < k ? m : k;
                    second const to = std::ranges::begin(b);
                    detail::for_positions(pool, n, options, [from = first(std::ranges::begin(a)), to](std::uint64_t i) {
                        std::ranges::iter_swap(detail::advanced(from, i), detail::advanced(to, i));
                    });
                    return detail::advanced(to, n);
                }
            }
        }
    }
};

} // namespace detail

/// Reverses the order of the elements of a range, in place: `parallel_reverse(range)`; the range may be two iterators.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this loop.
/// **Throws** as `parallel_for` if it is stopped; the elements are then all there, some of them exchanged. **Order**
/// none. `.progress` is told at the end. **Cost** a swap for each two elements; no allocation.
inline constexpr detail::parallel_reverse_fn parallel_reverse{};

/// Assigns the elements of a range to those of `out` in the reverse order: `parallel_reverse_copy(range, out)`. `out`
/// is as that of `parallel_transform`, but must not overlap the range. Returns the end of the output.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_copy`.
inline constexpr detail::parallel_reverse_copy_fn parallel_reverse_copy{};

/// Rotates the elements of a range, so that the element at `middle` becomes the first and the elements before it follow
/// the last. Returns the range of the elements that were before it, as std::ranges::rotate:
/// `parallel_rotate(range, middle)`, `parallel_rotate(first, middle, last)`. A place outside of the range throws
/// `std::invalid_argument`. **Threads**, **Blocks**, **Order** as `parallel_reverse`. **Throws** as `parallel_for` if
/// it is stopped; the elements are then all there, in no particular order. **Cost** two swaps for each two elements; no
/// allocation.
inline constexpr detail::parallel_rotate_fn parallel_rotate{};

/// Assigns the elements of a range to those of `out` as `parallel_rotate` would order them:
/// `parallel_rotate_copy(range, middle, out)`. Returns the end of the output. **Threads**, **Blocks**,
/// **Throws**, **Order**, **Cost** as `parallel_reverse_copy`.
inline constexpr detail::parallel_rotate_copy_fn parallel_rotate_copy{};

/// Moves the elements of a range to the left by `count` places, and returns the range of those that remain, as
/// std::shift_left: `parallel_shift_left(range, count)`. What is behind them is valid but has no particular value. A
/// count of zero or less, or of the size or more, moves nothing. **Threads**, **Blocks**, **Throws**, **Order**,
/// **Cost** as `parallel_rotate`.
inline constexpr detail::parallel_shift_left_fn parallel_shift_left{};

/// Moves the elements of a range to the right by `count` places, and returns the range of those that remain, as
/// std::shift_right. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_shift_left`.
inline constexpr detail::parallel_shift_right_fn parallel_shift_right{};

/// Exchanges the elements of two ranges at the same positions, as far as the shorter one goes, and returns the end of
/// what was exchanged in the second: `parallel_swap_ranges(a, b)`. Either range may be two iterators, and the second
/// one iterator. The ranges must not overlap. **Threads**, **Blocks**, **Throws**, **Order** as `parallel_reverse`, but
/// progress is told on the way. **Cost** a swap for each.
inline constexpr detail::parallel_swap_ranges_fn parallel_swap_ranges{};

} // namespace hocket
