// SPDX-License-Identifier: MIT
// The serial sort of ranges that fit a cache: a stable quicksort without branches that depend on the data, with a
// scratch area. Whatever the comparator throws or answers, the elements stay a permutation of the input. The sorts use
// it for elements that are plain bytes: numbers, small structs, pointers to elements.
//
// Partitioning writes each element to both sides and advances one of them. Small pieces: networks of four, insertion,
// and a merge from both ends at once, whose comparisons are independent (L. Bergdoll and O. Peters, driftsort, 2024).
#pragma once

#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A type that may be copied as bytes, and needs no destructor.
template<class T>
inline constexpr bool is_plain = (std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T>) ||
                                 (std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T>);

template<class T>
HOCKET_ALWAYS_INLINE void put(T* at, T const& x) noexcept {
    ::new (static_cast<void*>(at)) T(x);
}

template<class T>
HOCKET_ALWAYS_INLINE void copy_plain(T* to, T const* from, std::size_t n) noexcept {
    if (n != 0) std::memcpy(static_cast<void*>(to), static_cast<void const*>(from), n * sizeof(T));
}

/// Returns `yes ? a : b` without a branch.
HOCKET_ALWAYS_INLINE constexpr std::size_t choose(bool yes, std::size_t a, std::size_t b) noexcept {
    return b ^ ((a ^ b) & (std::size_t{0} - static_cast<std::size_t>(yes)));
}

/// Inserts the elements behind the first `sorted` into them. They need not be plain.
template<class T, class Less>
void insert_rest(T* v, std::size_t sorted, std::size_t n, Less const& less) {
    for (std::size_t i = sorted; i < n; ++i) {
        if (!less(v[i], v[i - 1])) continue;
        T x = std::move(v[i]);
        std::size_t hole = i;
        auto const fill = [&] {
            if constexpr (is_plain<T>)
                detail::put(v + hole, x);
            else
                v[hole] = std::move(x);
        };
        try {
            do {
                if constexpr (is_plain<T>)
                    detail::put(v + hole, v[hole - 1]);
                else
                    v[hole] = std::move(v[hole - 1]);
                --hole;
            } while (hole != 0 && less(x, v[hole - 1]));
        } catch (...) {
            fill();
            throw;
        }
        fill();
    }
}

/// Sorts four elements into `to`: five comparisons, no branches.
template<class T, class Less>
HOCKET_ALWAYS_INLINE void sort_four(T const* v, T* to, Less const& less) {
    std::size_t const first = static_cast<std::size_t>(less(v[1], v[0]));
    std::size_t const second = 2 + static_cast<std::size_t>(less(v[3], v[2]));
    std::size_t const a = first, b = first ^ 1, c = second, d = second ^ 1; // a before b, c before d
    bool const c_first = less(v[c], v[a]);
    bool const b_last = less(v[d], v[b]);
    std::size_t const left = choose(c_first, a, choose(b_last, c, b));
    std::size_t const right = choose(b_last, d, choose(c_first, b, c));
    bool const swapped = less(v[right], v[left]);
    put(to, v[choose(c_first, c, a)]);
    put(to + 1, v[choose(swapped, right, left)]);
    put(to + 2, v[choose(swapped, left, right)]);
    put(to + 3, v[choose(b_last, b, d)]);
}

/// Merges the sorted halves [0, n / 2) and [n / 2, n) of `from` into `to`, from both ends. If `less` is no order, the
/// result is a copy of `from`.
template<class T, class Less>
HOCKET_ALWAYS_INLINE void merge_halves(T const* from, std::size_t n, T* to, Less const& less) {
    std::size_t left = 0, right = n / 2, left_end = n / 2, right_end = n;
    for (std::size_t i = 0; i < n / 2; ++i) {
        bool const take_right = less(from[right], from[left]);
        put(to + i, from[choose(take_right, right, left)]);
        right += static_cast<std::size_t>(take_right);
        left += static_cast<std::size_t>(!take_right);
        bool const take_left = less(from[right_end - 1], from[left_end - 1]);
        put(to + (n - 1 - i), from[choose(take_left, left_end, right_end) - 1]);
        left_end -= static_cast<std::size_t>(take_left);
        right_end -= static_cast<std::size_t>(!take_left);
    }
    if (n % 2 != 0) {
        bool const take_left = left < left_end;
        put(to + n / 2, from[choose(take_left, left, right)]);
        left += static_cast<std::size_t>(take_left);
        right += static_cast<std::size_t>(!take_left);
    }
    if (left != left_end || right != right_end) [[unlikely]]
        copy_plain(to, from, n);
}

inline constexpr std::size_t small_sort_size = 32;

/// Sorts at most `small_sort_size` elements.
template<class T, class Less>
void small_sort(T* v, std::size_t n, T* scratch, Less const& less) {
    if (n < 8) return detail::insert_rest(v, 1, n, less);
    std::size_t const half = n / 2;
    std::size_t const presorted = n < 16 ? 4 : 8;
    for (std::size_t part = 0; part < 2; ++part) {
        T const* const from = v + (part == 0 ? 0 : half);
        T* const to = scratch + (part == 0 ? 0 : half);
        std::size_t const length = part == 0 ? half : n - half;
        if (presorted == 4) {
            sort_four(from, to, less);
        } else {
            plain_room<T, 8> fours;
            sort_four(from, fours.data(), less);
            sort_four(from + 4, fours.data() + 4, less);
            detail::merge_halves(fours.data(), 8, to, less);
        }
        copy_plain(to + presorted, from + presorted, length - presorted);
        insert_rest(to, presorted, length, less);
    }
    try {
        detail::merge_halves(scratch, n, v, less);
    } catch (...) {
        detail::copy_plain(v, scratch, n);
        throw;
    }
}

/// Moves the elements that go left before the others, and keeps both groups in their order. Returns how many go left.
template<class T, class GoesLeft>
std::size_t partition_stably(T* v, std::size_t n, T* scratch, GoesLeft const& goes_left) {
    std::size_t left = 0, i = 0;
    try {
        for (; i < n; ++i) {
            T const x = v[i];
            bool const go = goes_left(x);
            put(v + left, x);
            put(scratch + (i - left), x);
            left += static_cast<std::size_t>(go);
        }
    } catch (...) {
        detail::copy_plain(v + left, scratch, i - left);
        throw;
    }
    detail::copy_plain(v + left, scratch, n - left);
    return left;
}

/// Merges two sorted runs into `to`, which overlaps neither; of equal elements those of the first run come first.
template<class T, class Less>
void merge_plain(T const* a, std::size_t a_size, T const* b, std::size_t b_size, T* to, Less const& less) {
    std::size_t i = 0, j = 0;
    while (i < a_size && j < b_size) {
        bool const take_b = less(b[j], a[i]);
        T const* const from = take_b ? b + j : a + i;
        put(to++, *from);
        j += static_cast<std::size_t>(take_b);
        i += static_cast<std::size_t>(!take_b);
    }
    copy_plain(to, a + i, a_size - i);
    copy_plain(to + (a_size - i), b + j, b_size - j);
}

/// Sorts inputs on which quicksort finds no good pivots.
template<class T, class Less>
void merge_sort(T* v, std::size_t n, T* scratch, Less const& less) {
    if (n <= small_sort_size) return small_sort(v, n, scratch, less);
    std::size_t const half = n / 2;
    merge_sort(v, half, scratch, less);
    merge_sort(v + half, n - half, scratch, less);
    if (!less(v[half], v[half - 1])) return;
    detail::merge_plain(v, half, v + half, n - half, scratch, less);
    detail::copy_plain(v, scratch, n);
}

template<class T, class Less>
T const* median_of(T const* a, T const* b, T const* c, Less const& less) {
    bool const b_a = less(*b, *a), c_a = less(*c, *a);
    if (b_a != c_a) return a;
    return less(*c, *b) == b_a ? b : c;
}

/// Returns about the median: the median of three, or of three such medians, in more levels the longer the input is.
template<class T, class Less>
T const* choose_pivot(T const* v, std::size_t n, Less const& less) {
    std::size_t const eighth = n / 8;
    T const *const a = v, *const b = v + 4 * eighth, *const c = v + 7 * eighth;
    if (n < 128) return median_of(a, b, c, less);
    return median_of(choose_pivot(a, eighth, less), choose_pivot(b, eighth, less), choose_pivot(c, eighth, less), less);
}

template<class T, class Less>
void quick_sort(T* v, std::size_t n, T* scratch, Less const& less, unsigned limit, T const* least) {
    while (n > small_sort_size) {
        if (limit-- == 0) return merge_sort(v, n, scratch, less);
        T const pivot = *detail::choose_pivot(v, n, less);
        // No element is less than `least`. If the pivot is equal to it, so is all that is not greater.
        std::size_t left = 0;
        if (least == nullptr || less(*least, pivot))
            left = detail::partition_stably(v, n, scratch, [&](T const& x) { return less(x, pivot); });
        if (left == 0) {
            left = detail::partition_stably(v, n, scratch, [&](T const& x) { return !less(pivot, x); });
            v += left;
            n -= left;
            least = nullptr;
            continue;
        }
        quick_sort(v + left, n - left, scratch, less, limit, std::addressof(pivot));
        n = left;
    }
    small_sort(v, n, scratch, less);
}

/// Merges the sorted run at `b` into the one at `to`, behind which there is room for it: from the end.
template<class T, class Less>
void merge_behind(T* to, std::size_t size, T const* b, std::size_t b_size, Less const& less) {
    for (std::size_t left = size, end = size + b_size; b_size != 0; --end) {
        bool const take_left = left != 0 && less(b[b_size - 1], to[left - 1]);
        T const* const from = take_left ? to + (left - 1) : b + (b_size - 1);
        detail::put(to + (end - 1), T(*from));
        left -= static_cast<std::size_t>(take_left);
        b_size -= static_cast<std::size_t>(!take_left);
    }
}

/// Sorts `n` elements stably from `v` to `to`. `v` keeps a permutation of them. A range that is mostly one run, such as
/// a bucket of a nearly sorted range, is merged with the elements around the run.
template<class T, class Less>
void sort_base_case_into(T* v, std::size_t n, T* to, Less const& less) {
    unsigned const limit = 2 * static_cast<unsigned>(std::bit_width(n));
    T const* const none = nullptr;
    if (n > 2 * small_sort_size) {
        std::size_t first = n / 2, last = n / 2 + 1;
        while (first != 0 && !less(v[first], v[first - 1])) --first;
        while (last != n && !less(v[last], v[last - 1])) ++last;
        if (last - first > n / 2) {
            quick_sort(v, first, to, less, limit, none);
            quick_sort(v + last, n - last, to, less, limit, none);
            detail::merge_plain(v, first, v + first, last - first, to, less);
            return detail::merge_behind(to, last, v + last, n - last, less);
        }
    }
    quick_sort(v, n, to, less, limit, none);
    detail::copy_plain(to, v, n);
}

/// Sorts `n` elements in place, stably. `scratch` has room for as many.
template<class T, class Less>
void sort_base_case(T* v, std::size_t n, T* scratch, Less const& less) {
    detail::quick_sort(v, n, scratch, less, 2 * static_cast<unsigned>(std::bit_width(n)),
                       static_cast<T const*>(nullptr));
}

} // namespace hocket::detail
