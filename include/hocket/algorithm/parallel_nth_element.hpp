// SPDX-License-Identifier: MIT
// parallel_nth_element: the element that stands at a place when the range is sorted, and a partition around it.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/sort_elements.hpp>
#include <hocket/algorithm/sort_select.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>

namespace hocket {
namespace detail {

template<class Iterator, class Compare, class Proj>
void select_in_range(thread_pool& pool, Iterator const& first, std::uint64_t length, Iterator const& nth,
                     Compare const& compare, Proj const& proj, loop_options const& options) {
    using element = std::iter_value_t<Iterator>;
    check_sort_types<Iterator, Compare, Proj>();
    check_options(options);
    if (nth < first || static_cast<std::uint64_t>(nth - first) > length)
        throw std::invalid_argument("hocket: parallel_nth_element of a place outside of the range");
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

} // namespace detail

/// Brings to the place `nth`, an iterator into `range`, the element that would stand there if the range was sorted by
/// `compare(proj(a), proj(b))`; no element before it is greater, and no element behind it is less. Where the others end up
/// depends on the input alone. Nothing happens if `nth` is the end of the range; a place outside of it throws
/// `std::invalid_argument`.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this call.
/// **Throws**, **Order** as `parallel_sort`. `.progress` is told at the end.
/// **Cost** O(n) comparisons, about four for each element; where those take long, the workers share them, however few the
/// elements are. Memory: for trivially copyable elements of up to 32 bytes as many elements again and a byte each; for others
/// two pointers each, a byte, and a buffer for all elements, each of which is moved twice.
template<parallel_range Range, detail::optional_callable Compare = loop_options, class Proj = loop_options>
void parallel_nth_element(thread_pool& pool, Range&& range, detail::range_iterator<Range> nth,
                          Compare const& compare = detail::left_out<Compare>, Proj const& proj = detail::left_out<Proj>,
                          loop_options const& options = {}) {
    detail::select_in_range(pool, std::ranges::begin(range), detail::range_length(range), nth,
                            detail::callable_or<std::ranges::less>(compare),
                            detail::callable_or<detail::as_it_is>(proj), detail::given_options(compare, proj, options));
}

/// The same for the elements from `first` up to `last`, in the order of the arguments of std::nth_element.
template<class First, detail::end_of_iterator<First> Last, class Compare = loop_options, class Proj = loop_options>
void parallel_nth_element(thread_pool& pool, First first, std::type_identity_t<First> nth, Last last,
                          Compare const& compare = detail::left_out<Compare>, Proj const& proj = detail::left_out<Proj>,
                          loop_options const& options = {}) {
    hocket::parallel_nth_element(pool, detail::between(first, last), nth, compare, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, detail::optional_callable Compare = loop_options, class Proj = loop_options>
void parallel_nth_element(Range&& range, detail::range_iterator<Range> nth,
                          Compare const& compare = detail::left_out<Compare>, Proj const& proj = detail::left_out<Proj>,
                          loop_options const& options = {}) {
    hocket::parallel_nth_element(detail::current_pool(), range, nth, compare, proj, options);
}
template<class First, detail::end_of_iterator<First> Last, class Compare = loop_options, class Proj = loop_options>
void parallel_nth_element(First first, std::type_identity_t<First> nth, Last last,
                          Compare const& compare = detail::left_out<Compare>, Proj const& proj = detail::left_out<Proj>,
                          loop_options const& options = {}) {
    hocket::parallel_nth_element(detail::current_pool(), detail::between(first, last), nth, compare, proj, options);
}

} // namespace hocket
