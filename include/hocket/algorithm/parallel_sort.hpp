// SPDX-License-Identifier: MIT
// parallel_sort: the elements of a range in the order of a comparator.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/sort_elements.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <iterator>

namespace hocket {

/// Sorts `range`, a sized random-access range, by `compare(proj(a), proj(b))`; without them by `<`. `proj` may be a pointer
/// to a member. The natural order of numbers (`std::less<>`, `std::greater<>`, `std::ranges::less` or `std::ranges::greater`
/// over a projection that gives an arithmetic type of up to 64 bits) is recognised, and sorted by the bits of the numbers;
/// NaNs have no place in any order, but do no harm. Equal elements end up in an unspecified order that depends on the
/// input alone.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this sort.
/// **Throws** what `compare` or `proj` throw, as `parallel_for`, the index being that of an element near the failure (where
/// failures are collected, one of each piece of the pass in which they are, which is the last one);
/// `operation_cancelled` if the stop token was requested; `std::bad_alloc`. The elements are then a permutation of what
/// they were (unless it was moving one of them that threw: then their values are unspecified).
/// **Order** no two calls of `compare` or `proj` are ordered, and all of them happen before the return. `.grain` is not used.
/// **Cost** O(n log n) comparisons, or O(n) of numbers. Memory: for trivially copyable elements of up to 32 bytes as many
/// elements again, and for a comparator a byte each; for others two pointers each (by numbers, two pairs of a pointer and
/// a number) and a buffer for all elements, each of which is moved twice. Where trivially copyable elements are not
/// contiguous, as many once more. None for up to sixteen contiguous elements. Fewer than 2^16 elements whose comparisons or
/// projections take long are cut finely, and their numbers projected once: then two pairs more for each.
template<parallel_range Range, detail::optional_callable Compare = loop_options, class Proj = loop_options>
void parallel_sort(thread_pool& pool, Range&& range, Compare const& compare = detail::left_out<Compare>,
                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    detail::sort_range(pool, std::ranges::begin(range), detail::range_length(range),
                       detail::callable_or<std::ranges::less>(compare), detail::callable_or<detail::as_it_is>(proj),
                       detail::given_options(compare, proj, options));
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class Compare = loop_options, class Proj = loop_options>
void parallel_sort(thread_pool& pool, First first, Last last, Compare const& compare = detail::left_out<Compare>,
                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    hocket::parallel_sort(pool, detail::between(first, last), compare, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, detail::optional_callable Compare = loop_options, class Proj = loop_options>
void parallel_sort(Range&& range, Compare const& compare = detail::left_out<Compare>,
                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    hocket::parallel_sort(detail::current_pool(), range, compare, proj, options);
}
template<class First, detail::end_of_iterator<First> Last, class Compare = loop_options, class Proj = loop_options>
void parallel_sort(First first, Last last, Compare const& compare = detail::left_out<Compare>,
                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    hocket::parallel_sort(detail::current_pool(), detail::between(first, last), compare, proj, options);
}

} // namespace hocket
