// SPDX-License-Identifier: MIT
// parallel_nth_element: the element at a position of the sorted range, and a partition around it. Public.
#pragma once

#include <hocket/algorithm/sort/sort_dispatch.hpp>
#include <hocket/algorithm/sort/sort_select.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

template<class Iterator, class Compare, class Proj>
void select_in_range(thread_pool& pool, Iterator const& first, std::uint64_t length, Iterator const& nth,
                     Compare const& compare, Proj const& proj, loop_options const& options) {
    using element = std::iter_value_t<Iterator>;
    check_options(options);
    if (nth < first || static_cast<std::uint64_t>(nth - first) > length)
        throw std::invalid_argument("hocket: the iterator nth of parallel_nth_element lies outside of the range");
    std::size_t const n = static_cast<std::size_t>(length);
    std::size_t const k = static_cast<std::size_t>(nth - first);
    loop_errors errors(options);
    sort_run const run(pool, options, errors);
    using element_order = element_less<element, Compare, Proj>;
    element_order const less{compare, proj};
    if (!errors.stopped()) run.expect(n);
    if (k < n && n > 1 && !errors.stopped()) {
        if constexpr (sorted_as_copies<element>)
            detail::sort_copies(run, first, n, by_rank<element_order>{less, k});
        else
            sort_pointers<element*>(
                run, first, n, [](element& x) { return std::addressof(x); },
                by_rank<pointee_less<element, Compare, Proj>>{{less}, k});
    }
    errors.finish(length);
    run.finished(n);
}

/// Whether three iterators are given: the first, a place, and the end.
template<class First, class... Rest>
inline constexpr bool end_comes_third = false;
template<class First, class Last, class... Rest>
    requires(sizeof...(Rest) < 3)
inline constexpr bool end_comes_third<First, Last, Rest...> =
    !std::is_array_v<Last> && end_of_iterator<std::decay_t<Last const&>, std::decay_t<First>>;

struct parallel_nth_element_fn : call_form<parallel_nth_element_fn> {
    static constexpr std::size_t least = 1, most = 4;
    static constexpr bool steps = false;
    template<class Source>
    static constexpr bool takes = any_range<Source> || std::random_access_iterator<std::decay_t<Source&>>;
    template<class... Operands>
    static constexpr bool bounds_before = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_nth_element takes a range and an iterator into it (or three iterators: first, middle, "
                      "last), and may take a comparator and a projection; a pool may come first, and options last");
    }

    template<class Source, class Nth, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, Source&& source, Nth&& nth, Rest const&... rest) {
        if constexpr (end_comes_third<Source, Rest...>)
            between(pool, options, std::decay_t<Source>(source), std::decay_t<Nth>(nth), rest...);
        else if constexpr (!any_range<std::remove_reference_t<Source>> || sizeof...(Rest) > 2)
            usage<Source>();
        else
            select(pool, options, source, std::decay_t<Nth>(nth), rest...);
    }

  private:
    template<class First, class Nth, class Last, class... Rest>
    static auto between(thread_pool& pool, loop_options const& options, First first, Nth nth, Last last,
                        Rest const&... rest) {
        auto const range = detail::between(first, last);
        select(pool, options, range, nth, rest...);
    }

    template<class Range, class Nth, class Compare = loop_options, class Proj = loop_options>
    static auto select(thread_pool& pool, loop_options const& options, Range& range, Nth const& nth,
                       Compare const& compare = left_out<Compare>, Proj const& proj = left_out<Proj>) {
        using order = callable_type<usual_order<Range, Proj>, Compare>;
        using projection = callable_type<as_it_is, Proj>;
        using iterator = range_iterator<Range>;
        constexpr bool stands = std::is_convertible_v<Nth const&, iterator>;
        static_assert(stands, "after its range, parallel_nth_element takes an iterator into the range, not a number: "
                              "write range.begin() + n");
        if constexpr (stands && explain_sort<iterator, order, projection>())
            detail::select_in_range(pool, iterator(std::ranges::begin(range)), range_length(range), iterator(nth),
                                    callable_or<order>(compare), callable_or<projection>(proj),
                                    given_options(compare, proj, options));
    }
};

} // namespace detail

/// Brings to the place `nth`, an iterator into a range, the element that would stand there if the range was sorted by
/// `compare(proj(a), proj(b))`. No element before it is greater, and no element behind it is less:
/// `parallel_nth_element(range, nth)`, `parallel_nth_element(first, nth, last)`. The order of the other elements
/// depends on the input alone. Nothing happens if `nth` is the end of the range; a place outside of it throws
/// `std::invalid_argument`. **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps
/// only with this call. **Throws**, **Order** as `parallel_sort`. `.progress` is told at the end. **Cost** O(n)
/// comparisons, about four for each element; the workers share expensive comparisons, however few the elements are.
/// Memory: for trivially copyable elements of up to 32 bytes, as many elements again and a byte each. For others: two
/// pointers each, a byte, and a buffer for all elements, each of which is moved twice.
inline constexpr detail::parallel_nth_element_fn parallel_nth_element{};

} // namespace hocket
