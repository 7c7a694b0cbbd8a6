// SPDX-License-Identifier: MIT
// The integers from one up to another, as a range. It is the chunk type of loops over integers, and turns
// `parallel_map` and `parallel_reduce` into loops over integers. Every floor from range up may use it.
#pragma once

#include <hocket/range/range_traits.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace hocket::inline HOCKET_ABI {

/// The integers from `first` up to, but not including, `last`; empty if `last` does not lie behind `first`.
template<loop_index Index>
class index_range {
  public:
    class iterator {
      public:
        using iterator_concept = std::random_access_iterator_tag;
        using iterator_category = std::input_iterator_tag; // it returns values, not references
        using value_type = Index;
        using difference_type = std::ptrdiff_t;
        using chunk_type = index_range; // the argument type of a body that takes chunks

        constexpr iterator() = default;
        constexpr explicit iterator(Index value) noexcept : value_(value) {}

        constexpr Index operator*() const noexcept { return value_; }
        constexpr Index operator[](difference_type n) const noexcept { return moved(value_, n); }

        constexpr iterator& operator++() noexcept { return ++value_, *this; }
        constexpr iterator& operator--() noexcept { return --value_, *this; }
        constexpr iterator operator++(int) noexcept { return iterator(value_++); }
        constexpr iterator operator--(int) noexcept { return iterator(value_--); }
        constexpr iterator& operator+=(difference_type n) noexcept { return value_ = moved(value_, n), *this; }
        constexpr iterator& operator-=(difference_type n) noexcept { return *this = *this - n; }

        friend constexpr iterator operator+(iterator a, difference_type n) noexcept { return a += n; }
        friend constexpr iterator operator+(difference_type n, iterator a) noexcept { return a += n; }
        friend constexpr iterator operator-(iterator a, difference_type n) noexcept {
            return iterator(static_cast<Index>(as_unsigned(a.value_) - static_cast<std::uint64_t>(n)));
        }
        friend constexpr difference_type operator-(iterator a, iterator b) noexcept {
            return static_cast<difference_type>(as_unsigned(a.value_) - as_unsigned(b.value_));
        }
        friend constexpr bool operator==(iterator, iterator) = default;
        friend constexpr auto operator<=>(iterator, iterator) = default;

      private:
        static constexpr std::uint64_t as_unsigned(Index value) noexcept { return static_cast<std::uint64_t>(value); }
        static constexpr Index moved(Index value, difference_type n) noexcept {
            return static_cast<Index>(as_unsigned(value) + static_cast<std::uint64_t>(n));
        }

        Index value_{};
    };

    constexpr index_range() = default;
    constexpr index_range(Index first, Index last) noexcept : first_(first), last_(first < last ? last : first) {}

    [[nodiscard]] constexpr iterator begin() const noexcept { return iterator(first_); }
    [[nodiscard]] constexpr iterator end() const noexcept { return iterator(last_); }
    [[nodiscard]] constexpr std::uint64_t size() const noexcept { return detail::index_length(first_, last_); }
    [[nodiscard]] constexpr bool empty() const noexcept { return first_ == last_; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return !empty(); }
    [[nodiscard]] constexpr Index front() const noexcept { return first_; }
    [[nodiscard]] constexpr Index back() const noexcept { return *(end() - 1); }
    [[nodiscard]] constexpr Index operator[](std::uint64_t n) const noexcept {
        return static_cast<Index>(static_cast<std::uint64_t>(first_) + n);
    }
    /// Returns the first integer of the range. `last` returns the integer behind its last.
    [[nodiscard]] constexpr Index first() const noexcept { return first_; }
    [[nodiscard]] constexpr Index last() const noexcept { return last_; }

  private:
    Index first_{};
    Index last_{};
};

} // namespace hocket

/// Declares that iterators outlive the range: each holds its integer by itself.
template<class Index>
inline constexpr bool std::ranges::enable_borrowed_range<hocket::index_range<Index>> = true;
