// SPDX-License-Identifier: MIT
// The elements of a range that is only read, by position. A range with random access is read directly. A range that can
// only be traversed in order (std::list, std::map, a filtered view) is read through a list of iterators. The algorithms
// use it.
#pragma once

#include <hocket/range/range_traits.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// A range whose elements can be read more than once, and in parallel. If it has no random access, the caller alone
/// traverses it first, and stores about eight bytes for each element.
template<class Range>
concept readable_range = parallel_range<Range> || requires(Range& range) {
    { std::ranges::begin(range) } -> std::forward_iterator;
    { std::ranges::end(range) } -> std::sentinel_for<decltype(std::ranges::begin(range))>;
};

namespace detail {

/// A position in a list of iterators; dereferences to the element there.
template<class Iterator>
class listed_iterator {
  public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag; // a reference may be a value
    using value_type = std::iter_value_t<Iterator>;
    using difference_type = std::ptrdiff_t;

    constexpr listed_iterator() = default;
    constexpr explicit listed_iterator(Iterator const* place) noexcept : place_(place) {}

    constexpr decltype(auto) operator*() const { return **place_; }
    constexpr decltype(auto) operator[](difference_type n) const { return *place_[n]; }

    constexpr listed_iterator& operator++() noexcept { return ++place_, *this; }
    constexpr listed_iterator& operator--() noexcept { return --place_, *this; }
    constexpr listed_iterator operator++(int) noexcept { return listed_iterator(place_++); }
    constexpr listed_iterator operator--(int) noexcept { return listed_iterator(place_--); }
    constexpr listed_iterator& operator+=(difference_type n) noexcept { return place_ += n, *this; }
    constexpr listed_iterator& operator-=(difference_type n) noexcept { return place_ -= n, *this; }

    friend constexpr listed_iterator operator+(listed_iterator a, difference_type n) noexcept { return a += n; }
    friend constexpr listed_iterator operator+(difference_type n, listed_iterator a) noexcept { return a += n; }
    friend constexpr listed_iterator operator-(listed_iterator a, difference_type n) noexcept { return a -= n; }
    friend constexpr difference_type operator-(listed_iterator a, listed_iterator b) noexcept {
        return a.place_ - b.place_;
    }
    friend constexpr bool operator==(listed_iterator, listed_iterator) = default;
    friend constexpr auto operator<=>(listed_iterator, listed_iterator) = default;

  private:
    Iterator const* place_ = nullptr;
};

template<class Range>
class elements {
    std::vector<range_iterator<Range>> places_; // one for each element, and the end

  public:
    using iterator = listed_iterator<range_iterator<Range>>;

    explicit elements(Range& range) {
        if constexpr (requires { std::ranges::size(range); })
            places_.reserve(static_cast<std::size_t>(std::ranges::size(range)) + 1);
        auto place = std::ranges::begin(range);
        for (auto const end = std::ranges::end(range); place != end; ++place) places_.push_back(place);
        places_.push_back(place);
    }
    [[nodiscard]] iterator begin() const noexcept { return iterator(places_.data()); }
    [[nodiscard]] std::uint64_t size() const noexcept { return places_.size() - 1; }
    /// Returns the range's own iterator.
    [[nodiscard]] range_iterator<Range> at(std::uint64_t position) const {
        return places_[static_cast<std::size_t>(position)];
    }
};

template<parallel_range Range>
class elements<Range> {
    range_iterator<Range> begin_;
    std::uint64_t size_;

  public:
    using iterator = range_iterator<Range>;

    explicit constexpr elements(Range& range) : begin_(std::ranges::begin(range)), size_(range_length(range)) {}
    [[nodiscard]] constexpr iterator const& begin() const noexcept { return begin_; }
    [[nodiscard]] constexpr std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr iterator at(std::uint64_t position) const { return advanced(begin_, position); }
};

template<class Range>
elements(Range& range) -> elements<Range>;

} // namespace detail
} // namespace hocket
