// SPDX-License-Identifier: MIT
// A std::move_iterator with random access. Before C++23 the standard's own is only an input iterator. The call forms
// use it.
#pragma once

#include <hocket/base/config.hpp>

#include <compare>
#include <iterator>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the elements behind an iterator as rvalues, to be moved from.
template<std::random_access_iterator Iterator>
class moving_iterator {
  public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = std::iter_value_t<Iterator>;
    using difference_type = std::iter_difference_t<Iterator>;

    constexpr moving_iterator() = default;
    constexpr explicit moving_iterator(Iterator base) : base_(std::move(base)) {}
    [[nodiscard]] constexpr Iterator const& base() const noexcept { return base_; }

    constexpr decltype(auto) operator*() const { return std::ranges::iter_move(base_); }
    constexpr decltype(auto) operator[](difference_type n) const { return std::ranges::iter_move(base_ + n); }

    constexpr moving_iterator& operator++() { return void(++base_), *this; }
    constexpr moving_iterator& operator--() { return void(--base_), *this; }
    constexpr moving_iterator operator++(int) { return moving_iterator(base_++); }
    constexpr moving_iterator operator--(int) { return moving_iterator(base_--); }
    constexpr moving_iterator& operator+=(difference_type n) { return void(base_ += n), *this; }
    constexpr moving_iterator& operator-=(difference_type n) { return void(base_ -= n), *this; }

    friend constexpr moving_iterator operator+(moving_iterator a, difference_type n) { return a += n; }
    friend constexpr moving_iterator operator+(difference_type n, moving_iterator a) { return a += n; }
    friend constexpr moving_iterator operator-(moving_iterator a, difference_type n) { return a -= n; }
    friend constexpr difference_type operator-(moving_iterator const& a, moving_iterator const& b) {
        return a.base_ - b.base_;
    }
    friend constexpr bool operator==(moving_iterator const& a, moving_iterator const& b) { return a.base_ == b.base_; }
    friend constexpr bool operator<(moving_iterator const& a, moving_iterator const& b) { return a.base_ < b.base_; }
    friend constexpr bool operator>(moving_iterator const& a, moving_iterator const& b) { return b < a; }
    friend constexpr bool operator<=(moving_iterator const& a, moving_iterator const& b) { return !(b < a); }
    friend constexpr bool operator>=(moving_iterator const& a, moving_iterator const& b) { return !(a < b); }

  private:
    Iterator base_{};
};

} // namespace hocket::detail
