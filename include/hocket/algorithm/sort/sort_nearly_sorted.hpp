// SPDX-License-Identifier: MIT
// Sorts ranges in which a few elements are out of place. These elements are taken out, sorted, and merged with the
// others, which are in order where they are (E. Rohlfsen, drop-merge sort, 2016; here by blocks side by side, and
// stable). The sorts by a comparator use it.
//
// A block keeps elements that ascend and lie between two bounds, the medians of the elements around its ends. When an
// element is less than the last kept element, one of both is out of place. If it is not less than the kept element
// before that, the last kept element is taken out, otherwise the element itself. An element that is taken out belongs
// either further back (`up`), or further to the front (`down`). In the first case no equal kept element stands before
// it; in the second case no equal kept element stands behind it. So if equal `up` elements go before the kept elements,
// and equal `down` elements go behind them, the sort is stable.
#pragma once

#include <hocket/algorithm/sort/detect_runs.hpp>
#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_splitters.hpp>
#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// How many elements of a block, and of all blocks before it, were kept, and taken out.
struct almost_counts {
    std::size_t kept = 0, up = 0, down = 0;
    bool too_many = false;
};

/// Splits a block of `n` elements. Kept elements go to the front of `to`. Elements that are out of place go behind
/// them, from the end on, and `is_up` says which of these are up. `low` and `high` are null where there is no bound.
template<class T, class Less>
[[nodiscard]] almost_counts take_apart(T const* v, std::size_t n, T const* low, T const* high, T* to,
                                       unsigned char* is_up, std::size_t most, Less const& less) {
    almost_counts counts;
    std::size_t kept = 0, out = 0;
    auto const take_out = [&](T const& x, bool up) {
        is_up[out++] = up;
        put(to + (n - out), x);
        ++(up ? counts.up : counts.down);
    };
    auto const is_below = [&](T const& x, std::size_t place) { // what stands there, or the bound
        return place != 0 ? less(x, to[place - 1]) : low != nullptr && less(x, *low);
    };
    for (std::size_t i = 0; i < n; ++i) {
        T const& x = v[i];
        bool const above = high != nullptr && less(*high, x);
        if (!above && !is_below(x, kept)) [[likely]] {
            put(to + kept++, x);
            continue;
        }
        if (out == most) {
            counts.too_many = true;
            return counts;
        }
        if (above || kept == 0 || is_below(x, kept - 1)) {
            take_out(x, above);
        } else {
            take_out(T(to[kept - 1]), true);
            put(to + (kept - 1), x);
        }
    }
    counts.kept = kept;
    return counts;
}

/// Merges the kept elements of a block with all taken-out elements that belong there.
template<class T, class Less>
void merge_back(T const* kept, std::size_t n, T const* up, T const* up_end, T const* down, T const* down_end, T* to,
                Less const& less) {
    for (std::size_t i = 0; i < n; ++i) {
        for (;;) {
            bool const takes_up = up != up_end && !less(kept[i], *up);
            bool const takes_down = down != down_end && less(*down, kept[i]);
            if (!takes_up && !takes_down) [[likely]]
                break;
            if (takes_up && !(takes_down && less(*down, *up)))
                put(to++, *up++);
            else
                put(to++, *down++);
        }
        put(to++, kept[i]);
    }
    merge_plain(up, static_cast<std::size_t>(up_end - up), down, static_cast<std::size_t>(down_end - down), to, less);
}

/// The first place from `first` on at which `goes_right(v[place])` is true; it stays so from there on.
template<class T, class GoesRight>
[[nodiscard]] std::size_t find_place(T const* v, std::size_t first, std::size_t last, GoesRight const& goes_right) {
    while (first < last) {
        std::size_t const middle = first + (last - first) / 2;
        if (goes_right(v[middle]))
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

/// The element in the middle of those around each end of a block, if these ascend and the range looks as if it did.
template<class T, class Less>
[[nodiscard]] bool find_bounds(T const* v, std::size_t n, std::size_t block, std::size_t blocks, T* bounds,
                               Less const& less) {
    constexpr std::size_t looks = 16, look = 8, around = 4;
    std::size_t ascending = 0;
    for (std::size_t i = 0; i < looks; ++i) {
        std::size_t const at = sample_position(i, looks, n - look);
        ascending += static_cast<std::size_t>(direction_of(v + at, look, less) == direction::up);
    }
    if (ascending < looks / 2) return false;
    for (std::size_t b = 1; b < blocks; ++b) {
        plain_room<T, 2 * around + 1> room;
        copy_plain(room.data(), v + (b * block - around), 2 * around + 1);
        detail::insert_rest(room.data(), 1, 2 * around + 1, less);
        detail::put(bounds + b, room.data()[around]);
        if (b > 1 && less(bounds[b], bounds[b - 1])) return false;
    }
    return true;
}

/// Until `done`, all elements are in `from`; in the end, however it comes, they are in `v`.
template<class T>
struct taken_apart {
    sort_run const& run;
    T* v;
    T const* from;
    std::size_t n;
    bool done = false;

    ~taken_apart() {
        if (!done) run.copy(v, from, n);
    }
};

/// Sorts `v`, stably, if few elements are out of place, and returns whether it did. `sort(run, v, n, scratch)` sorts
/// these elements. All elements are in `v`, whatever happens. Takes at most a byte for each, beside `scratch`.
template<class T, class Less, class Sort>
[[nodiscard]] pattern_result sort_nearly_sorted(sort_run const& run, T* v, std::size_t n, T* scratch, Less const& less,
                                                Sort const& sort) {
    constexpr std::size_t block = std::size_t{1} << 13, most = block / 4;
    if (n < 4 * block) return pattern_result::none;
    std::size_t const blocks = n / block; // the last one takes the rest
    plain_array<T> const middles(blocks);
    T* const bounds = middles.data();
    bool sensible = false;
    if (!run.once([&](std::uint64_t) { sensible = detail::find_bounds(v, n, block, blocks, bounds, less); }))
        return pattern_result::failed;
    if (!sensible) return pattern_result::none;

    plain_array<unsigned char> const tags(blocks * most);
    std::vector<almost_counts> counts(blocks + 1);
    auto const size = [&](std::size_t i) { return i + 1 == blocks ? n - i * block : block; };
    if (!run.each(blocks, 0, block, [&](std::uint64_t i) {
            counts[i] = detail::take_apart(v + i * block, size(i), i == 0 ? nullptr : bounds + i,
                                           i + 1 == blocks ? nullptr : bounds + (i + 1), scratch + i * block,
                                           tags.data() + i * most, most, less);
        }))
        return pattern_result::failed;
    almost_counts sum;
    for (almost_counts& each : counts) {
        if (each.too_many) return pattern_result::none;
        almost_counts const before = sum;
        sum = {sum.kept + each.kept, sum.up + each.up, sum.down + each.down};
        each = before;
    }
    std::size_t const out = sum.up + sum.down;
    if (out > n * 3 / 4 / sizeof(T)) return pattern_result::none;

    plain_array<T> const rest(out);
    T *const up = rest.data(), *const down = rest.data() + sum.up;
    if (!run.each(blocks, 0, block, [&](std::uint64_t i) {
            T* up_to = up + counts[i].up;
            T* down_to = down + counts[i].down;
            T const* from = scratch + (i * block + size(i));
            std::size_t const here = counts[i + 1].up - counts[i].up + counts[i + 1].down - counts[i].down;
            for (std::size_t k = 0; k < here; ++k) put(tags.data()[i * most + k] != 0 ? up_to++ : down_to++, *--from);
        }))
        return pattern_result::failed;

    taken_apart<T> apart{run, v, scratch, n};
    if (!sort(run, up, sum.up, v) || !sort(run, down, sum.down, v)) return pattern_result::failed;
    std::vector<almost_counts> firsts(blocks + 1, {0, 0, 0}); // of those that were taken out, which belong to a block
    if (!run.once([&](std::uint64_t) {
            for (std::size_t b = 1; b < blocks; ++b) {
                T const& bound = bounds[b];
                firsts[b].up = detail::find_place(up, firsts[b - 1].up, sum.up,
                                                  [&](T const& x) { return static_cast<bool>(less(bound, x)); });
                firsts[b].down =
                    detail::find_place(down, firsts[b - 1].down, sum.down, [&](T const& x) { return !less(x, bound); });
            }
            firsts[blocks] = sum;
        }))
        return pattern_result::failed;
    if (!run.each(blocks, 0, block, [&](std::uint64_t i) {
            almost_counts const &first = firsts[i], &last = firsts[i + 1];
            detail::merge_back(scratch + i * block, counts[i + 1].kept - counts[i].kept, up + first.up, up + last.up,
                               down + first.down, down + last.down, v + (counts[i].kept + first.up + first.down), less);
        }))
        return pattern_result::failed;
    apart.done = true;
    run.finished(n - out);
    return pattern_result::sorted;
}

} // namespace hocket::detail
