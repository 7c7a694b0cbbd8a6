// SPDX-License-Identifier: MIT
// Two iterators or two integers in place of a range; and the defaults of callables that are left out. The algorithms
// use it.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A range of elements that can only be traversed in order.
template<std::input_iterator First, std::sentinel_for<First> Last>
struct stream_bounds {
    First first;
    Last last;
    [[nodiscard]] constexpr First begin() const { return first; }
    [[nodiscard]] constexpr Last end() const { return last; }
};

/// Returns the range from one iterator up to another, or of the integers from one up to another. Empty if the end does
/// not lie behind the first.
template<class First, end_of_iterator<First> Last>
[[nodiscard]] constexpr iterator_range<First> between(First first, Last last) {
    return iterator_range<First>(first, detail::advanced(first, detail::distance(first, last)));
}
template<std::input_iterator First, std::sentinel_for<First> Last>
[[nodiscard]] constexpr stream_bounds<First, Last> between(First first, Last last) {
    return {std::move(first), std::move(last)};
}
template<class First, end_of_integer<First> Last>
[[nodiscard]] constexpr auto between(First first, Last last) {
    using index = common_index<First, Last>;
    std::uint64_t const n = index_length(first, last);
    index const start = first_index<index>(first, n);
    return index_range<index>(start, n == 0 ? start : static_cast<index>(last));
}

/// The result type of a search between two bounds of this kind: the iterator, or the integer.
template<class First, class Iterator>
[[nodiscard]] constexpr auto found_between(Iterator const& found) {
    if constexpr (loop_index<First>)
        return *found;
    else
        return found;
}

/// Stands in the place of an argument that is left out, so that no object is made for each call.
template<std::same_as<loop_options> Options>
inline constexpr Options left_out{};

/// The type of a callable, or the usual type if `{}` or the options stand in its place.
template<class Usual, class Callable>
using callable_type = std::conditional_t<std::same_as<Callable, loop_options>, Usual, Callable>;

/// Returns the given callable, or the usual one.
template<class Usual, class Callable>
[[nodiscard]] constexpr decltype(auto) callable_or(Callable const& given) noexcept {
    if constexpr (std::same_as<Callable, loop_options>)
        return Usual{};
    else
        return (given);
}

[[nodiscard]] inline bool says_nothing(loop_options const& options) noexcept {
    return options.grain == 0 && options.schedule == schedule::adaptive && options.progress == nullptr &&
           options.errors == error_policy::first && !options.timeout.given() && options.max_workers == 0 &&
           options.name == nullptr && !options.stop.stop_possible() && !options.stop.stop_requested();
}

/// Returns the options of a call: its last argument, whatever was left out before. At most one of the arguments holds
/// options.
template<class Callable>
[[nodiscard]] loop_options const& given_options(Callable const& given, loop_options const& last) noexcept {
    if constexpr (std::same_as<Callable, loop_options>)
        return &given == &left_out<loop_options> || says_nothing(given) ? last : given;
    else
        return last;
}
template<class Callable, class... Rest>
    requires(sizeof...(Rest) > 1)
[[nodiscard]] loop_options const& given_options(Callable const& given, Rest const&... rest) noexcept {
    return detail::given_options(given, detail::given_options(rest...));
}

} // namespace hocket::detail

template<class First, class Last>
inline constexpr bool std::ranges::enable_borrowed_range<hocket::detail::stream_bounds<First, Last>> = true;
