// SPDX-License-Identifier: MIT
// Sentences that say what is wrong with a range, as far as they do not depend on the algorithm. The algorithms use
// them.
#pragma once

#include <hocket/range/elements.hpp>
#include <hocket/range/range_traits.hpp>

#include <iterator>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether a range can be cut at any position; if not, the program does not compile.
template<class Range>
constexpr bool explain_random() {
    constexpr bool random = parallel_range<Range>;
    static_assert(random,
                  "hocket: this algorithm needs a range with random access, and its size (a std::list has neither): "
                  "copy the elements to a vector");
    return random;
}

/// Whether any thread can read the elements of a range; if not, the program does not compile.
template<class Range>
constexpr bool explain_readable() {
    constexpr bool readable = readable_range<Range>;
    static_assert(readable,
                  "hocket: this algorithm reads each element from any thread, so its input must be one that can be "
                  "read more than once: use parallel_imap or parallel_for_each for a stream");
    return readable;
}

/// The iterator by which an algorithm writes to an Out: an iterator, or a range with room.
template<class Out>
struct written_by {
    using type = std::decay_t<Out&>;
};
template<parallel_range Out>
struct written_by<Out> {
    using type = range_iterator<Out>;
};
template<class Out>
using written_iterator = typename written_by<Out>::type;

/// Whether an algorithm may write to the elements behind an iterator; if not, the program does not compile.
template<class Iterator>
constexpr bool explain_written() {
    constexpr bool constant = std::is_const_v<std::remove_reference_t<std::iter_reference_t<Iterator>>>;
    static_assert(!constant, "hocket: this algorithm writes to a range whose elements are const");
    return !constant;
}

/// Whether an algorithm can move elements within their range; if not, the program does not compile.
template<class Iterator>
constexpr bool explain_permuted() {
    using reference = std::remove_reference_t<std::iter_reference_t<Iterator>>;
    constexpr bool constant = std::is_const_v<reference>;
    static_assert(!constant, "hocket: this algorithm moves the elements of its range, and these are const");
    if constexpr (!constant) check_permuted<Iterator>();
    return !constant && !packed_bits<Iterator> && std::permutable<Iterator>;
}

} // namespace hocket::inline HOCKET_ABI::detail
