// SPDX-License-Identifier: MIT
// An iterator that applies a function to the elements behind another iterator. Transforming scans use it.
#pragma once

#include <hocket/base/call.hpp>

#include <compare>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

template<std::random_access_iterator Iterator, class F>
class mapped_iterator {
  public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag; // what it gives is a value
    using value_type = std::remove_cvref_t<call_result<F, std::iter_reference_t<Iterator>>>;
    using difference_type = std::iter_difference_t<Iterator>;
    /// A value where the function gets one, of which it may give a part.
    using reference = std::conditional_t<std::is_lvalue_reference_v<std::iter_reference_t<Iterator>>,
                                         call_result<F, std::iter_reference_t<Iterator>>, value_type>;

    constexpr mapped_iterator() = default;
    constexpr mapped_iterator(Iterator base, F const& f) : base_(std::move(base)), f_(&f) {}

    constexpr reference operator*() const { return detail::call(*f_, *base_); }
    constexpr reference operator[](difference_type n) const { return detail::call(*f_, *(base_ + n)); }

    constexpr mapped_iterator& operator++() { return void(++base_), *this; }
    constexpr mapped_iterator& operator--() { return void(--base_), *this; }
    constexpr mapped_iterator operator++(int) { return std::exchange(*this, *this + 1); }
    constexpr mapped_iterator operator--(int) { return std::exchange(*this, *this - 1); }
    constexpr mapped_iterator& operator+=(difference_type n) { return void(base_ += n), *this; }
    constexpr mapped_iterator& operator-=(difference_type n) { return void(base_ -= n), *this; }

    friend constexpr mapped_iterator operator+(mapped_iterator a, difference_type n) { return a += n; }
    friend constexpr mapped_iterator operator+(difference_type n, mapped_iterator a) { return a += n; }
    friend constexpr mapped_iterator operator-(mapped_iterator a, difference_type n) { return a -= n; }
    friend constexpr difference_type operator-(mapped_iterator const& a, mapped_iterator const& b) {
        return a.base_ - b.base_;
    }
    friend constexpr bool operator==(mapped_iterator const& a, mapped_iterator const& b) { return a.base_ == b.base_; }
    friend constexpr auto operator<=>(mapped_iterator const& a, mapped_iterator const& b) {
        return a.base_ - b.base_ <=> difference_type(0);
    }

  private:
    Iterator base_{};
    F const* f_ = nullptr;
};

} // namespace hocket::inline HOCKET_ABI::detail
