// SPDX-License-Identifier: MIT
// Recognises comparators that are the natural order of arithmetic keys, and maps such a key to bits in an order of
// unsigned integers. Also calls comparators through projections. The sorts use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory> // declares std::less and std::greater as well, without all of <functional>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// The order of elements that have operator< and no other comparison, as the standard's algorithms require.
struct less_alone {
    template<class T>
    constexpr bool operator()(T const& a, T const& b) const {
        return static_cast<bool>(a < b);
    }
};

/// The default order of (projected) elements.
template<class Range, class Proj>
struct usual_order_of {
    using type = std::ranges::less;
};
template<class Range, class Proj>
    requires shared_callable<Proj, range_reference<Range>> &&(
        !shared_callable<std::ranges::less, call_result<Proj, range_reference<Range>>,
                         call_result<Proj, range_reference<Range>>>)&&requires(call_result<Proj, range_reference<Range>>
                                                                                   key) {
        static_cast<bool>(key < key);
    }
    struct usual_order_of<Range, Proj> {
        using type = less_alone;
    };
    template<class Range, class Proj>
    using usual_order = typename usual_order_of<Range, callable_type<as_it_is, Proj>>::type;

    template<class T, class Proj>
    using projected_key = std::remove_cvref_t<call_result<Proj, T const&>>;

    /// A comparator that several threads may call at once with two projected elements.
    template<class Compare, class T, class Proj>
    concept sort_comparator = shared_callable<Compare, call_result<Proj, T const&>, call_result<Proj, T const&>>;

    enum class key_order : std::uint8_t { opaque, ascending, descending };

    template<class Compare, class Key>
    inline constexpr key_order order_of = key_order::opaque;
    template<class Key>
    inline constexpr key_order order_of<std::less<>, Key> = key_order::ascending;
    template<class Key>
    inline constexpr key_order order_of<std::less<Key>, Key> = key_order::ascending;
    template<class Key>
    inline constexpr key_order order_of<std::ranges::less, Key> = key_order::ascending;
    template<class Key>
    inline constexpr key_order order_of<std::greater<>, Key> = key_order::descending;
    template<class Key>
    inline constexpr key_order order_of<std::greater<Key>, Key> = key_order::descending;
    template<class Key>
    inline constexpr key_order order_of<std::ranges::greater, Key> = key_order::descending;

    /// A number of up to 64 bits, whose order its bits can express.
    template<class Key>
    concept radix_key = (std::integral<Key> && sizeof(Key) <= 8) ||
                        (std::floating_point<Key> && std::numeric_limits<Key>::is_iec559 && sizeof(Key) <= 8);

    template<class Key>
    using bits_of = std::conditional_t<sizeof(Key) <= 4, std::uint32_t, std::uint64_t>;

    /// Unsigned integers in the order of the keys. Both zeros of a floating-point type have the same bits: they are
    /// equal, and a stable sort keeps their order.
    template<radix_key Key>
    [[nodiscard]] constexpr bits_of<Key> ordered_bits(Key key) noexcept {
        using bits = bits_of<Key>;
        constexpr bits top = bits{1} << (8 * sizeof(Key) - 1);
        if constexpr (std::floating_point<Key>) {
            bits const b = std::bit_cast<bits>(key + Key(0));
            return b ^ (static_cast<bits>(bits{0} - (b >> (8 * sizeof(Key) - 1))) | top);
        } else if constexpr (std::signed_integral<Key>) {
            return (static_cast<bits>(key) ^ top) & (top | (top - 1));
        } else {
            return static_cast<bits>(key);
        }
    }

    /// Whether elements of type T, projected by Proj, have a key that Compare orders as numbers are ordered.
    template<class T, class Compare, class Proj>
    inline constexpr bool has_radix_order =
        radix_key<projected_key<T, Proj>>&& order_of<Compare, projected_key<T, Proj>> != key_order::opaque;

    /// The bits of an element's key, so that unsigned integers order them as Compare does.
    template<class T, class Compare, class Proj>
    struct element_bits {
        using bits = bits_of<projected_key<T, Proj>>;
        Proj const& proj;

        bits operator()(T const& element) const {
            bits const b = ordered_bits<projected_key<T, Proj>>(detail::call(proj, element));
            if constexpr (order_of<Compare, projected_key<T, Proj>> == key_order::descending)
                return static_cast<bits>(~b);
            else
                return b;
        }
    };

    /// Compares elements.
    template<class T, class Compare, class Proj>
    struct element_less {
        Compare const& compare;
        Proj const& proj;

        bool operator()(T const& a, T const& b) const {
            return static_cast<bool>(detail::call(compare, detail::call(proj, a), detail::call(proj, b)));
        }
    };

    /// Compares the objects that pointers point to.
    template<class T, class Compare, class Proj>
    struct pointee_less {
        element_less<T, Compare, Proj> less;

        bool operator()(T* a, T* b) const { return less(*a, *b); }
    };

    /// An element that is not moved while it is sorted, and the bits of its key.
    template<class T, class KeyBits>
    struct keyed_pointer {
        KeyBits key;
        T* element;

        operator T*() const noexcept { return element; }
    };

    template<class KeyBits>
    struct keyed_pointer_bits {
        using bits = KeyBits;

        template<class T>
        KeyBits operator()(keyed_pointer<T, KeyBits> const& x) const noexcept {
            return x.key;
        }
    };

    struct keyed_pointer_less {
        template<class Pointer>
        bool operator()(Pointer const& a, Pointer const& b) const noexcept {
            return a.key < b.key;
        }
    };

} // namespace hocket::detail
