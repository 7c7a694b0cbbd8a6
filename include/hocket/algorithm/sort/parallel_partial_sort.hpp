// SPDX-License-Identifier: MIT
// parallel_partial_sort, parallel_partial_sort_copy, parallel_inplace_merge: parts of a sort. Public.
#pragma once

#include <hocket/algorithm/forms/middle_form.hpp>
#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/sort/merge_path.hpp>
#include <hocket/algorithm/sort/parallel_merge.hpp>
#include <hocket/algorithm/sort/sort_dispatch.hpp>
#include <hocket/algorithm/sort/sort_expensive.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_select.hpp>
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

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Selects the first `k` plain elements, and sorts these.
template<class Less>
class by_front {
  public:
    by_front(Less const& its_less, std::size_t count) : less(its_less), k(count) {}

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        if (k < n && !select(run, v, n, scratch)) return false;
        if (k > 1 && !by_less<Less>{less}(run, v, k, scratch)) return false;
        run.finished(k > 1 ? n - k : n);
        return true;
    }

  private:
    template<class T>
    bool select(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        bool slow = false;
        if (!detail::ask_whether_slow(run, v, n, less, slow)) return false;
        return slow ? detail::select_plain(run, v, n, k, scratch, slow_less<T>(less))
                    : detail::select_plain(run, v, n, k, scratch, less);
    }

    Less less;
    std::size_t k;
};

/// Merges the plain elements before `middle` with the others.
template<class Less>
struct by_merging {
    Less less;
    std::size_t middle;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        std::uint64_t least = 0;
        T const* const a = v;
        T const* const b = v + middle;
        bool slow = false;
        if (!detail::ask_whether_slow(run, v, n, less, slow)) return false;
        if (!run.once([&](std::uint64_t) { least = detail::merge_grain(a, middle, b, n - middle, less); }))
            return false;
        auto const merged = [&](auto const& by) {
            return detail::merge_runs(run, a, middle, b, n - middle, scratch, static_cast<std::size_t>(least), by);
        };
        if (!(slow ? merged(slow_less<T>(less)) : merged(less))) return false;
        run.copy(v, scratch, n);
        run.finished(n);
        return true;
    }
};

/// Brings `n` elements into an order, as a `By` does with plain ones, unless there is nothing to do.
template<template<class> class By, class Iterator, class Compare, class Proj>
void order_part(thread_pool& pool, Iterator const& first, std::uint64_t length, std::uint64_t position, bool something,
                Compare const& compare, Proj const& proj, loop_options const& options) {
    using element = std::iter_value_t<Iterator>;
    check_options(options);
    loop_errors errors(options);
    errors.finish(length);
    sort_run const run(pool, options, errors);
    run.expect(length);
    std::size_t const n = static_cast<std::size_t>(length), k = static_cast<std::size_t>(position);
    using element_order = element_less<element, Compare, Proj>;
    element_order const less{compare, proj};
    if (something) {
        if constexpr (sorted_as_copies<element>)
            detail::sort_copies(run, first, n, By<element_order>{less, k});
        else
            sort_pointers<element*>(
                run, first, n, [](element& x) { return std::addressof(x); },
                By<pointee_less<element, Compare, Proj>>{{less}, k});
    }
    errors.finish(length);
    if (!something) run.finished(length);
}

struct parallel_partial_sort_fn : middle_form<parallel_partial_sort_fn> {
    static constexpr std::size_t most_behind = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_partial_sort takes a range and an iterator into it (or three iterators: first, middle, "
                      "last), and may take a comparator and a projection; a pool may come first, and options last");
    }

    template<class Range, class Compare = loop_options, class Proj = loop_options>
    static auto at_place(thread_pool& pool, loop_options const& options, Range& range, std::uint64_t position,
                         Compare const& compare = left_out<Compare>, Proj const& proj = left_out<Proj>) {
        using order = callable_type<usual_order<Range, Proj>, Compare>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_sort<range_iterator<Range>, order, by>())
            detail::order_part<by_front>(pool, std::ranges::begin(range), detail::range_length(range), position,
                                         position != 0 && detail::range_length(range) > 1, callable_or<order>(compare),
                                         callable_or<by>(proj), given_options(compare, proj, options));
    }
};

struct parallel_inplace_merge_fn : middle_form<parallel_inplace_merge_fn> {
    static constexpr std::size_t most_behind = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_inplace_merge takes a range and an iterator into it (or three iterators: first, middle, last), "
            "and may take a comparator and a projection; a pool may come first, and options last");
    }

    template<class Range, class Compare = loop_options, class Proj = loop_options>
    static auto at_place(thread_pool& pool, loop_options const& options, Range& range, std::uint64_t position,
                         Compare const& compare = left_out<Compare>, Proj const& proj = left_out<Proj>) {
        using order = callable_type<usual_order<Range, Proj>, Compare>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_sort<range_iterator<Range>, order, by>())
            detail::order_part<by_merging>(pool, std::ranges::begin(range), detail::range_length(range), position,
                                           position != 0 && position != detail::range_length(range),
                                           callable_or<order>(compare), callable_or<by>(proj),
                                           given_options(compare, proj, options));
    }
};

/// Compares elements by their positions.
template<class Iterator, class Less, class Proj>
struct position_less {
    test_at<Iterator, Iterator, Less, Proj, Proj> test;

    bool operator()(std::uint64_t a, std::uint64_t b) const { return test(a, b); }
};

struct parallel_partial_sort_copy_fn
    : two_ranges_form<parallel_partial_sort_copy_fn, call_form<parallel_partial_sort_copy_fn>> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_partial_sort_copy takes two ranges (or two pairs of iterators), and may "
                                     "take a comparator and a projection; a pool may come first, and options last");
    }

    template<class A, class B, class Less = loop_options, class Proj = loop_options>
    static auto with(thread_pool& pool, loop_options const& options, A&& a, B&& b, Less const& less = left_out<Less>,
                     Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<A>;
        using order = callable_type<usual_less, Less>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_neighbours<source, order, by>()) {
            if constexpr (explain_assigned<B, range_reference<source>>()) {
                if constexpr (explain_random<std::remove_reference_t<B>>()) {
                    elements const in(a);
                    return copy(pool, given_options(less, proj, options), in, std::ranges::begin(b),
                                detail::range_length(b), callable_or<order>(less), callable_or<by>(proj));
                }
            }
        }
    }

  private:
    template<class Range, class Out, class Less, class Proj>
    static Out copy(thread_pool& pool, loop_options const& options, elements<Range> const& in, Out const& out,
                    std::uint64_t room, Less const& less, Proj const& proj) {
        check_options(options);
        loop_errors errors(options);
        std::uint64_t const n = in.size(), k = room < n ? room : n;
        errors.finish(n);
        sort_run const run(pool, options, errors);
        run.expect(n);
        if (k != 0) {
            plain_array<std::uint64_t> const places(n), scratch(n);
            std::uint64_t* const v = places.data();
            detail::for_positions(pool, n, options, errors, n, [v](std::uint64_t i) { detail::put(v + i, i); });
            using compared = position_less<typename elements<Range>::iterator, Less, Proj>;
            by_front<compared> const front{{detail::test_between(in, in, less, proj, proj)},
                                           static_cast<std::size_t>(k)};
            static_cast<void>(front(run, v, static_cast<std::size_t>(n), scratch.data()));
            errors.finish(n);
            detail::for_positions(pool, k, options, errors, n, [v, out, from = in.begin()](std::uint64_t i) {
                *detail::advanced(out, i) = *detail::advanced(from, v[i]);
            });
        }
        if (k == 0) run.finished(n);
        return detail::advanced(out, k);
    }
};

} // namespace detail

/// Brings those elements to the front of a range, up to the place `middle`, that would stand there if the range was
/// sorted by `compare(proj(a), proj(b))`, and sorts them: `parallel_partial_sort(range, middle)`,
/// `parallel_partial_sort(first, middle, last)`. The others are in an order that depends on the input alone. A place
/// outside of the range throws `std::invalid_argument`. **Threads** any; the caller takes part. **Blocks** until all
/// work has finished, and helps only with this call. **Throws**, **Order** as `parallel_sort`. **Cost** as
/// `parallel_nth_element` and then `parallel_sort` of the front.
inline constexpr detail::parallel_partial_sort_fn parallel_partial_sort{};

/// Assigns the least elements of a range, sorted, to a second range, as many as it has room for, and returns the end of
/// the output, as std::partial_sort_copy: `parallel_partial_sort_copy(range, out)`,
/// `parallel_partial_sort_copy(range, out, compare, proj)`. Either range may be two iterators. The ranges must not
/// overlap. **Threads**, **Blocks**, **Throws**, **Order** as `parallel_partial_sort`. If it fails, `out` is as it was,
/// or partly assigned. **Cost** as `parallel_partial_sort` of the positions of the elements, eight bytes each.
inline constexpr detail::parallel_partial_sort_copy_fn parallel_partial_sort_copy{};

/// Merges two parts of a range, each sorted by `compare(proj(a), proj(b))`, of which the second begins at `middle`, so
/// that the whole is sorted, and equal elements stay in their order: `parallel_inplace_merge(range, middle)`,
/// `parallel_inplace_merge(first, middle, last)`. A place outside of the range throws `std::invalid_argument`.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this call.
/// **Throws**, **Order** as `parallel_sort`. **Cost** a comparison for each element; memory as `parallel_sort` by a
/// comparator.
inline constexpr detail::parallel_inplace_merge_fn parallel_inplace_merge{};

} // namespace hocket
