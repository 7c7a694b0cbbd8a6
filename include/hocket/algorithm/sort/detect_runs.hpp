// SPDX-License-Identifier: MIT
// Detects inputs that are a few runs, ascending or descending, one behind the other: sorted, reversed, organ pipes, two
// sorted parts. The runs are merged. A look at sixteen places tells other inputs from these. The sorts use it.
#pragma once

#include <hocket/algorithm/sort/merge_path.hpp>
#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_splitters.hpp>
#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

enum class pattern_result : std::uint8_t { none, sorted, failed };

enum class direction : std::uint8_t { mixed, up, down };

/// Returns the direction of the `n` elements at `v`, at least two: down is strictly down.
template<class T, class Less>
[[nodiscard]] direction direction_of(T const* v, std::size_t n, Less const& less) {
    bool const down = less(v[1], v[0]);
    for (std::size_t i = 2; i < n; ++i)
        if (less(v[i], v[i - 1]) != down) return direction::mixed;
    return down ? direction::down : direction::up;
}

inline constexpr std::size_t most_runs = 8;

/// Returns the ends of the runs that make up `n` elements, or nothing if there are too many runs. Reverses descending
/// runs.
template<class T, class Less>
[[nodiscard]] bool find_runs(sort_run const& run, T* v, std::size_t n, std::size_t block,
                             std::vector<direction> const& directions, Less const& less,
                             std::vector<std::size_t>& ends) {
    ends.clear();
    std::vector<std::pair<std::size_t, std::size_t>> turned;
    std::size_t start = 0;
    for (std::size_t i = 0; i < directions.size(); ++i) {
        if (directions[i] == direction::mixed) return false;
        std::size_t const end = i + 1 == directions.size() ? n : (i + 1) * block;
        direction const way = directions[i];
        bool const goes_on =
            end != n && directions[i + 1] == way && less(v[end], v[end - 1]) == (way == direction::down);
        if (goes_on) continue;
        if (way == direction::down) turned.push_back({start, end});
        ends.push_back(end);
        if (ends.size() > most_runs) return false;
        start = end;
    }
    for (auto const& [first, last] : turned) {
        T* const from = v + first;
        std::size_t const size = last - first;
        run.all(size / 2, [&](std::uint64_t i, std::uint64_t end) {
            for (; i < end; ++i) {
                T const low = from[i];
                detail::put(from + i, from[size - 1 - i]);
                put(from + (size - 1 - i), low);
            }
        });
    }
    return true;
}

/// Holds the elements while they are merged between two arrays. In the end, on every path, they are in `v`.
template<class T>
struct merge_places {
    sort_run const& run;
    T* v;
    std::size_t n;
    T* from;
    T* to;

    ~merge_places() {
        if (from != v) run.copy(v, from, n);
    }
};

/// Merges the runs that end at `ends`, two at a time, in pieces of at least `least` elements.
template<class T, class Less>
[[nodiscard]] bool merge_pattern(sort_run const& run, T* v, std::size_t n, T* scratch, std::vector<std::size_t>& ends,
                                 std::size_t least, Less const& less) {
    merge_places<T> at{run, v, n, v, scratch};
    while (ends.size() > 1) {
        std::size_t start = 0, merged = 0;
        for (std::size_t i = 0; i < ends.size(); i += 2) {
            std::size_t const middle = ends[i];
            std::size_t const end = i + 1 < ends.size() ? ends[i + 1] : middle;
            if (!detail::merge_runs(run, at.from + start, middle - start, at.from + middle, end - middle, at.to + start,
                                    least, less))
                return false;
            ends[merged++] = end;
            start = end;
        }
        std::swap(at.from, at.to);
        ends.resize(merged);
    }
    return true;
}

/// Sorts `v` if it is a few runs, and returns whether it did. All elements are in `v`, whatever happens.
template<class T, class Less>
[[nodiscard]] pattern_result sort_pattern(sort_run const& run, T* v, std::size_t n, T* scratch, Less const& less) {
    constexpr std::size_t most = std::size_t{1} << 13, looks = 16, look = 8;
    if (n < 1024) return pattern_result::none;
    std::size_t const block = n / 64 < most ? n / 64 : most; // comparisons may take long
    std::vector<direction> directions;
    std::vector<std::size_t> ends;
    bool runs = false;
    bool const looked = run.once([&](std::uint64_t) {
        std::size_t monotone = 0;
        for (std::size_t i = 0; i < looks; ++i) {
            std::size_t const at = sample_position(i, looks, n - look);
            monotone += static_cast<std::size_t>(detail::direction_of(v + at, look, less) != direction::mixed);
        }
        runs = monotone + 2 >= looks;
    });
    if (!looked) return pattern_result::failed;
    if (!runs) return pattern_result::none;

    // The last block takes what would be too short to have a direction.
    std::size_t const blocks = n / block == 0 ? 1 : n / block;
    directions.resize(blocks);
    auto const size = [&](std::size_t i) { return i + 1 == blocks ? n - i * block : block; };
    if (!run.each(blocks, 0, block,
                  [&](std::uint64_t i) { directions[i] = detail::direction_of(v + i * block, size(i), less); }))
        return pattern_result::failed;
    if (!run.once([&](std::uint64_t) { runs = detail::find_runs(run, v, n, block, directions, less, ends); }))
        return pattern_result::failed;
    if (!runs) return pattern_result::none;

    if (!merge_pattern(run, v, n, scratch, ends, merge_piece, less)) return pattern_result::failed;
    run.finished(n);
    return pattern_result::sorted;
}

} // namespace hocket::detail
