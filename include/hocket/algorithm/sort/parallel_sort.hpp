// SPDX-License-Identifier: MIT
// parallel_sort: the elements of a range in the order of a comparator.
// Public.
#pragma once

#include <hocket/algorithm/sort/sort_elements.hpp>
#include <hocket/base/config.hpp>
#include <hocket/range/call_form.hpp>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_sort_fn : sort_form<parallel_sort_fn> {
    template<class Source>
    static constexpr void usage() {
        static_assert(never<Source>, "parallel_sort takes a range (or two iterators), and may take a comparator and a "
                                     "projection; a pool may stand before them, options behind them");
    }
};

} // namespace detail

/// Sorts a sized random-access range (or what lies between two iterators) by `compare(proj(a), proj(b))`, without them
/// by `<`: `parallel_sort(range)`, `parallel_sort(range, compare)`, `parallel_sort(range, {}, &item::key)`. `proj` may
/// be a pointer to a member. The natural order of numbers (`std::less<>`, `std::greater<>`, `std::ranges::less` or
/// `std::ranges::greater` over a projection that gives an arithmetic type of up to 64 bits) is recognised, and sorted
/// by the bits of the numbers; NaNs have no place in any order, but do no harm. Equal elements end up in an unspecified
/// order that depends on the input alone. **Threads** any; the caller takes part. **Blocks** until all is done, and
/// helps only with this sort. **Throws** what `compare` or `proj` throw, as `parallel_for`, the index being that of an
/// element near the failure (where failures are collected, one of each piece of the pass in which they are, which is
/// the last one); `operation_cancelled` if the stop token was requested; `std::bad_alloc`. The elements are then a
/// permutation of what they were (unless it was moving one of them that threw: then their values are unspecified).
/// **Order** no two calls of `compare` or `proj` are ordered, and all of them happen before the return. `.grain` is not
/// used. **Cost** O(n log n) comparisons, or O(n) of numbers. Memory: for trivially copyable elements of up to 32 bytes
/// as many elements again, and for a comparator a byte each; for others two pointers each (by numbers, two pairs of a
/// pointer and a number) and a buffer for all elements, each of which is moved twice. Where trivially copyable elements
/// are not contiguous, as many once more. None for up to sixteen contiguous elements. Fewer than 2^16 elements whose
/// comparisons or projections take long are cut finely, and their numbers projected once: then two pairs more for each.
inline constexpr detail::parallel_sort_fn parallel_sort{};

} // namespace hocket
