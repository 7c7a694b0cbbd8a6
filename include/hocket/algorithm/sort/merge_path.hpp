// SPDX-License-Identifier: MIT
// Merging by many workers: the path of a merge through the grid of both inputs crosses each diagonal once, and a binary
// search finds where, so that pieces of the output can be merged side by side (S. Odeh, O. Green et al., 2012).
// parallel_merge and the sorts use it.
#pragma once

#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/base/config.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// How many of the first `d` elements of the merge of `a` and `b` come from `a`. Of equal elements those of `a` come
/// first.
template<class A, class B, class Less>
[[nodiscard]] std::uint64_t merge_split(A const& a, std::uint64_t a_size, B const& b, std::uint64_t b_size,
                                        std::uint64_t d, Less const& b_less_a) {
    std::uint64_t low = d > b_size ? d - b_size : 0;
    std::uint64_t high = d < a_size ? d : a_size;
    while (low < high) {
        std::uint64_t const i = low + (high - low) / 2;
        if (b_less_a(*advanced(b, d - 1 - i), *advanced(a, i)))
            high = i;
        else
            low = i + 1;
    }
    return low;
}

inline constexpr std::size_t merge_piece = std::size_t{1} << 13;

/// Merges two sorted runs of plain elements into `to`, which overlaps neither, in pieces of at least `least` elements.
/// Returns false if it was not completed. Whatever `less` answers, `to` gets each element once: the cuts are made one
/// after the other, each within reach of the previous cut.
template<class T, class Less>
[[nodiscard]] bool merge_runs(sort_run const& run, T const* a, std::size_t a_size, T const* b, std::size_t b_size,
                              T* to, std::size_t least, Less const& less) {
    std::size_t const n = a_size + b_size;
    if (n == 0) return true;
    std::size_t const share = n / (8 * run.workers()) + 1;
    std::size_t const piece = share < least ? least : share;
    std::size_t const pieces = (n - 1) / piece + 1;
    std::vector<std::size_t> cuts(pieces + 1, 0); // how many elements of `a` lie before each piece
    cuts[pieces] = a_size;
    if (!run.once([&](std::uint64_t) {
            for (std::size_t k = 1; k < pieces; ++k) {
                std::size_t const found = detail::merge_split(a, a_size, b, b_size, k * piece, less);
                std::size_t const low = cuts[k - 1], high = low + piece;
                cuts[k] = found < low ? low : found > high ? high : found;
            }
        }))
        return false;
    return run.each(pieces, 0, piece, [&](std::uint64_t k) {
        std::size_t const first = k * piece, last = n - first < piece ? n : first + piece;
        std::size_t const i = cuts[k], j = cuts[k + 1];
        detail::merge_plain(a + i, j - i, b + (first - i), (last - j) - (first - i), to + first, less);
    });
}

} // namespace hocket::detail
