// SPDX-License-Identifier: MIT
// The ranges and integers that a parallel algorithm takes, in terms of <iterator> and <concepts> alone. <ranges> would
// cost every program with a loop another tenth of a second of compilation. The algorithms use it; the concepts are
// public.
#pragma once

#include <hocket/base/config.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// A range that can be cut at any position: it knows its size, and its iterators have random access.
template<class Range>
concept parallel_range = requires(Range& range) {
    { std::ranges::begin(range) } -> std::random_access_iterator;
    std::ranges::size(range);
};

/// An integer that a loop can count with: any integral type of up to 64 bits except bool.
template<class Index>
concept loop_index = std::integral<Index> && !std::same_as<std::remove_cv_t<Index>, bool> && sizeof(Index) <= 8;

namespace detail {

template<class Range>
using range_iterator = decltype(std::ranges::begin(std::declval<Range&>()));

template<class Range>
using range_reference = std::iter_reference_t<range_iterator<Range>>;

/// A range that can be read once, from one thread.
template<class Range>
concept any_range = requires(Range& range) {
    { std::ranges::begin(range) } -> std::input_iterator;
    { std::ranges::end(range) } -> std::sentinel_for<decltype(std::ranges::begin(range))>;
};

/// A target for the results of an algorithm: an iterator to the first, or a range that has room for all.
template<class Out>
concept write_target = parallel_range<Out> || std::random_access_iterator<std::remove_cvref_t<Out>>;

/// The end of a pair whose first element is a `First`, in place of a range: an iterator, or an integer.
template<class Last, class First>
concept end_of_iterator = std::random_access_iterator<First> && std::sized_sentinel_for<Last, First>;
template<class Last, class First>
concept end_of_integer = loop_index<First> && loop_index<Last>;
template<class Last, class First>
concept end_of = end_of_iterator<Last, First> || end_of_integer<Last, First>;
/// The end of elements that are only read.
template<class Last, class First>
concept end_of_stream = end_of<Last, First> ||(std::input_iterator<First>&& std::sentinel_for<Last, First>);

/// Whether a reference is the proxy of a bit of a std::vector<bool>, or a tuple with such a proxy.
template<class Reference>
inline constexpr bool stands_for_bit = std::same_as<Reference, std::vector<bool>::reference>;
template<template<class...> class Tuple, class... Parts>
inline constexpr bool stands_for_bit<Tuple<Parts...>> = (stands_for_bit<Parts> || ...);

/// The bits of a std::vector<bool>, alone or in a zip. Two threads cannot write neighbouring bits at the same time.
template<class Iterator>
concept packed_bits = stands_for_bit<std::iter_reference_t<Iterator>>;

/// Whether the elements behind an iterator are of type T and contiguous.
template<class Iterator, class T>
concept side_by_side = std::contiguous_iterator<Iterator> &&
    std::is_same_v<std::remove_const_t<std::remove_reference_t<std::iter_reference_t<Iterator>>>, T>;

/// A requirement of algorithms that move elements within their range.
template<class Iterator>
constexpr void check_permuted() {
    static_assert(!packed_bits<Iterator>, "the elements of a std::vector<bool> cannot be moved in parallel: neighbours "
                                          "share a word and cannot be written at "
                                          "the same time; use std::vector<char>");
    static_assert(std::permutable<Iterator>, "the elements cannot be moved within their range");
}

template<class Range>
[[nodiscard]] constexpr std::uint64_t range_length(Range& range) {
    return static_cast<std::uint64_t>(std::ranges::size(range));
}

/// Returns how many elements there are from `first` up to `last`; 0 if `last` lies before it.
template<class First, end_of_iterator<First> Last>
[[nodiscard]] constexpr std::uint64_t distance(First const& first, Last const& last) {
    auto const n = last - first;
    return n > 0 ? static_cast<std::uint64_t>(n) : 0;
}

/// Returns the iterator `distance` positions after `first`.
template<class Iterator>
[[nodiscard]] constexpr Iterator advanced(Iterator const& first, std::uint64_t distance) {
    return first + static_cast<std::iter_difference_t<Iterator>>(distance);
}

/// Returns `a < b` as numbers, whatever the signs of their types.
template<loop_index A, loop_index B>
[[nodiscard]] constexpr bool index_less(A a, B b) noexcept {
    if constexpr (std::is_signed_v<A> == std::is_signed_v<B>)
        return a < b;
    else if constexpr (std::is_signed_v<A>)
        return a < 0 || static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
    else
        return b > 0 && static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
}

/// Returns how many integers there are from `first` up to, but not including, `last`; 0 if `last` does not lie behind
/// `first`. Exact for every pair of 64-bit integers: the subtraction wraps in the unsigned type.
template<loop_index A, loop_index B>
[[nodiscard]] constexpr std::uint64_t index_length(A first, B last) noexcept {
    return index_less(first, last) ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) : 0;
}

/// The type that counts from an A up to a B. Mixed signs count in the common type, as `for` loops do.
template<loop_index A, loop_index B>
using common_index = std::common_type_t<A, B>;

/// Returns `first` in the type that counts. **Throws** if a loop begins below zero and counts in an unsigned type.
template<class Index, loop_index A>
[[nodiscard]] constexpr Index first_index(A first, std::uint64_t length) {
    if constexpr (std::is_signed_v<A> && std::is_unsigned_v<Index>) {
        if (first < 0 && length != 0)
            throw std::invalid_argument("hocket: a loop starts at a negative number, and its end is unsigned: give "
                                        "both bounds the same signed type");
    }
    return static_cast<Index>(first);
}

} // namespace detail
} // namespace hocket
