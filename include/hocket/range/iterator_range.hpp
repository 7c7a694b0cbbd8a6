// SPDX-License-Identifier: MIT
// A part of a range that is not contiguous in memory, as two iterators; and the choice of the chunk type of a range.
// Every floor from range up may use it.
#pragma once

#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The elements from `begin()` up to `end()`. `auto [first, last] = range;` decomposes it.
template<std::random_access_iterator Iterator>
class iterator_range {
  public:
    constexpr iterator_range() = default;
    constexpr iterator_range(Iterator first, Iterator last) : first_(std::move(first)), last_(std::move(last)) {}

    [[nodiscard]] constexpr Iterator begin() const { return first_; }
    [[nodiscard]] constexpr Iterator end() const { return last_; }
    [[nodiscard]] constexpr std::size_t size() const { return static_cast<std::size_t>(last_ - first_); }
    [[nodiscard]] constexpr bool empty() const { return first_ == last_; }
    [[nodiscard]] constexpr explicit operator bool() const { return !empty(); }
    [[nodiscard]] constexpr decltype(auto) front() const { return *first_; }
    [[nodiscard]] constexpr decltype(auto) back() const { return *(last_ - 1); }
    [[nodiscard]] constexpr decltype(auto) operator[](std::size_t n) const {
        return first_[static_cast<std::iter_difference_t<Iterator>>(n)];
    }

  private:
    Iterator first_{};
    Iterator last_{};
};

template<std::size_t At, class Iterator>
    requires(At < 2)
[[nodiscard]] constexpr Iterator get(iterator_range<Iterator> const& range) {
    if constexpr (At == 0)
        return range.begin();
    else
        return range.end();
}

namespace detail {

/// Returns the elements with the positions [first, last) behind `begin`: a std::span if they are contiguous in memory,
/// or the chunk type that the iterator names.
template<class Iterator>
[[nodiscard]] constexpr auto chunk_of(Iterator const& begin, std::uint64_t first, std::uint64_t last) {
    if constexpr (std::contiguous_iterator<Iterator>)
        return std::span(advanced(begin, first), static_cast<std::size_t>(last - first));
    else if constexpr (requires { typename Iterator::chunk_type; })
        return typename Iterator::chunk_type(*advanced(begin, first), *advanced(begin, last));
    else
        return iterator_range<Iterator>(advanced(begin, first), advanced(begin, last));
}

} // namespace detail
} // namespace hocket

template<class Iterator>
inline constexpr bool std::ranges::enable_borrowed_range<hocket::iterator_range<Iterator>> = true;

template<class Iterator>
struct std::tuple_size<hocket::iterator_range<Iterator>> : std::integral_constant<std::size_t, 2> {};
template<std::size_t At, class Iterator>
struct std::tuple_element<At, hocket::iterator_range<Iterator>> {
    using type = Iterator;
};
