// SPDX-License-Identifier: MIT
// parallel_sort: the elements of a range in the order of a comparator.
// Public.
#pragma once

#include <hocket/algorithm/sort/sort_dispatch.hpp>
#include <hocket/base/config.hpp>
#include <hocket/range/call_form.hpp>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_sort_fn : sort_form<parallel_sort_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_sort takes a range (or two iterators), and may take a comparator and a "
                                     "projection; a pool may come first, and options last");
    }
};

} // namespace detail

/// Sorts a sized random-access range (or the range between two iterators) by `compare(proj(a), proj(b))`, by default by
/// `<`: `parallel_sort(range)`, `parallel_sort(range, compare)`, `parallel_sort(range, {}, &item::key)`. `proj` may be
/// a pointer to a member.
///
/// The natural order of numbers is recognised, and sorted by the bits of the numbers. It is `std::less<>`,
/// `std::greater<>`, `std::ranges::less` or `std::ranges::greater` over a projection to an arithmetic type of up to 64
/// bits. NaNs have no place in any order, but do no harm. Equal elements end up in an unspecified order that depends on
/// the input alone.
///
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this sort.
/// **Throws** what `compare` or `proj` throw, as `parallel_for`. The index is that of an element near the failure; if
/// failures are collected, of one element for each failed piece of the last pass. `operation_cancelled` if the stop
/// token was requested; `std::bad_alloc`. The elements are then a permutation of the input (unless moving one of them
/// threw: then their values are unspecified). **Order** no two calls of `compare` or `proj` are ordered, and all of
/// them happen before the return. `.grain` is not used.
///
/// **Cost** O(n log n) comparisons, or O(n) for numbers. Memory: for trivially copyable elements of up to 32 bytes, as
/// many elements again, and for a comparator a byte each. For others: two pointers each (by numbers, two pairs of a
/// pointer and a number) and a buffer for all elements, each of which is moved twice. If trivially copyable elements
/// are not contiguous, as many once more. None for up to sixteen contiguous elements. Fewer than 2^16 elements with
/// expensive comparisons or projections are cut finely, and their numbers are projected once: then two more pairs for
/// each.
inline constexpr detail::parallel_sort_fn parallel_sort{};

} // namespace hocket
