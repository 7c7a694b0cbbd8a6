// SPDX-License-Identifier: MIT
// Every nth integer from one up (or down) to another, as a range: the form of a call with a step. The call forms use
// it.
#pragma once

#include <hocket/range/range_traits.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// The integers first, first + step, first + 2 * step and so on, as far as they lie before the end.
template<loop_index Index>
class step_range {
  public:
    class iterator {
      public:
        using iterator_concept = std::random_access_iterator_tag;
        using iterator_category = std::input_iterator_tag; // it returns values, not references
        using value_type = Index;
        using difference_type = std::ptrdiff_t;

        constexpr iterator() = default;
        constexpr iterator(std::uint64_t first, std::uint64_t step, std::uint64_t position) noexcept
            : first_(first), step_(step), position_(position) {}

        constexpr Index operator*() const noexcept { return static_cast<Index>(first_ + position_ * step_); }
        constexpr Index operator[](difference_type n) const noexcept { return *(*this + n); }

        constexpr iterator& operator++() noexcept { return ++position_, *this; }
        constexpr iterator& operator--() noexcept { return --position_, *this; }
        constexpr iterator operator++(int) noexcept { return iterator(first_, step_, position_++); }
        constexpr iterator operator--(int) noexcept { return iterator(first_, step_, position_--); }
        constexpr iterator& operator+=(difference_type n) noexcept {
            position_ += static_cast<std::uint64_t>(n);
            return *this;
        }
        constexpr iterator& operator-=(difference_type n) noexcept {
            position_ -= static_cast<std::uint64_t>(n);
            return *this;
        }

        friend constexpr iterator operator+(iterator a, difference_type n) noexcept { return a += n; }
        friend constexpr iterator operator+(difference_type n, iterator a) noexcept { return a += n; }
        friend constexpr iterator operator-(iterator a, difference_type n) noexcept { return a -= n; }
        friend constexpr difference_type operator-(iterator a, iterator b) noexcept {
            return static_cast<difference_type>(a.position_ - b.position_);
        }
        friend constexpr bool operator==(iterator a, iterator b) noexcept { return a.position_ == b.position_; }
        friend constexpr auto operator<=>(iterator a, iterator b) noexcept { return a.position_ <=> b.position_; }

      private:
        // Modulo 2^64, so that they are exact for every pair of integers.
        std::uint64_t first_ = 0, step_ = 0, position_ = 0;
    };

    /// Makes the range; it counts down if `step` is negative. **Throws** std::invalid_argument for a step of 0.
    template<loop_index First, loop_index Last, loop_index Step>
    constexpr step_range(First first, Last last, Step step) : step_(static_cast<std::uint64_t>(step)) {
        bool down = false;
        if constexpr (std::is_signed_v<Step>) down = step < 0;
        if (step == 0) throw std::invalid_argument("hocket: a loop with a step of 0");
        std::uint64_t const length = down ? detail::index_length(last, first) : detail::index_length(first, last);
        std::uint64_t const width = down ? std::uint64_t{0} - step_ : step_;
        first_ = static_cast<std::uint64_t>(detail::first_index<Index>(first, length));
        size_ = length == 0 ? 0 : (length - 1) / width + 1;
    }

    [[nodiscard]] constexpr iterator begin() const noexcept { return iterator(first_, step_, 0); }
    [[nodiscard]] constexpr iterator end() const noexcept { return iterator(first_, step_, size_); }
    [[nodiscard]] constexpr std::uint64_t size() const noexcept { return size_; }

  private:
    std::uint64_t first_ = 0, step_, size_ = 0;
};

/// Returns every `step`th integer from `first` up (or down) to `last`, in the common type of both.
template<class First, class Last, class Step>
[[nodiscard]] constexpr auto stepping(First first, Last last, Step step) {
    return step_range<common_index<First, Last>>(first, last, step);
}

} // namespace hocket::detail

template<class Index>
inline constexpr bool std::ranges::enable_borrowed_range<hocket::detail::step_range<Index>> = true;
