// SPDX-License-Identifier: MIT
// Selection among plain elements: two pivots from a sample, close around the wanted rank, leave an eighth of the
// elements to be searched (R. Floyd and R. Rivest, 1975). parallel_nth_element uses it.
#pragma once

#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_distribute.hpp>
#include <hocket/algorithm/sort/sort_expensive.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_splitters.hpp>
#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The classes of elements: less than the first pivot, equal to it, between, equal to the second, greater. If the
/// pivots are equal, only 0, 2 and 4 occur.
template<class T, class Less>
struct pivot_classifier {
    T low, high;
    Less const& less;
    std::uint8_t* noted;
    bool same;

    static constexpr std::size_t buckets() noexcept { return 5; }
    bool equal(std::size_t k) const noexcept { return k % 2 == 1 || (k == 2 && same); }

    void count(T const* v, std::size_t n, std::size_t position, std::size_t* counts) const {
        T const a = low, b = high;
        std::uint8_t* const note = noted + position;
        for (std::size_t i = 0; i < n; ++i) {
            T const x = v[i];
            unsigned const k = static_cast<unsigned>(!less(x, a)) + static_cast<unsigned>(less(a, x)) +
                               static_cast<unsigned>(!less(x, b)) + static_cast<unsigned>(less(b, x));
            note[i] = static_cast<std::uint8_t>(k);
            ++counts[k];
        }
    }

    void scatter(T const* v, std::size_t n, std::size_t position, T** places) const noexcept {
        for (std::size_t i = 0; i < n; ++i) put(places[noted[position + i]]++, v[i]);
    }
};

/// Puts the elements of `v` for which `goes_first` is true before the others, by way of `scratch`. If that throws, `v`
/// is unchanged.
template<class T, class GoesFirst>
[[nodiscard]] HOCKET_ALWAYS_INLINE std::size_t split_kernel(T* v, std::size_t n, T* scratch,
                                                            GoesFirst const& goes_first) {
    constexpr unsigned at_once = 4; // else the loop itself takes a tenth of the time
    T* low = scratch;
    T* high = scratch + n;
    std::size_t i = 0;
    auto const take = [&] {
        T const x = v[i++];
        bool const first = goes_first(x);
        put(low, x);
        put(high - 1, x);
        low += first ? 1 : 0;
        high -= first ? 0 : 1;
    };
    while (n - i >= at_once)
        for (unsigned k = 0; k != at_once; ++k) take();
    while (i != n) take();
    detail::copy_plain(v, scratch, n);
    return static_cast<std::size_t>(low - scratch);
}

/// Brings the element of rank `k` to its place. `split(v, n, goes_first)` is a split_leaf, or returns nothing if it was
/// not completed. Returns false if a split was not completed.
template<class T, class Less, class Split>
[[nodiscard]] bool select_by(T* v, std::size_t n, std::size_t k, T* scratch, Less const& less, Split const& split) {
    constexpr std::size_t few = 32;
    unsigned rounds = 2 * static_cast<unsigned>(std::bit_width(n));
    while (n > few && rounds-- != 0) {
        std::size_t const count = n < 256 ? 7 : 31;
        for (std::size_t i = 0; i < count; ++i) detail::put(scratch + i, v[sample_position(i, count, n)]);
        sort_base_case(scratch, count, scratch + count, less);
        T const pivot = scratch[k * count / n];
        std::optional<std::size_t> const lesser = split(v, n, [&](T const& x) { return less(x, pivot); });
        if (!lesser) return false;
        if (k < *lesser) {
            n = *lesser;
            continue;
        }
        v += *lesser;
        n -= *lesser;
        k -= *lesser;
        std::optional<std::size_t> const equal = split(v, n, [&](T const& x) { return !less(pivot, x); });
        if (!equal) return false;
        if (k < *equal) return true;
        v += *equal;
        n -= *equal;
        k -= *equal;
    }
    sort_base_case(v, n, scratch, less);
    return true;
}

/// Selects as select_plain does, on the calling thread.
template<class T, class Less>
void select_alone(T* v, std::size_t n, std::size_t k, T* scratch, Less const& less) {
    auto const split = [&](T* part, std::size_t size, auto const& goes_first) {
        return std::optional(detail::split_kernel(part, size, scratch, goes_first));
    };
    static_cast<void>(detail::select_by(v, n, k, scratch, less, split));
}

/// Selects with the result of select_plain, for elements with expensive comparisons: comparisons with a pivot are
/// shared.
template<class T, class Less>
[[nodiscard]] bool select_slowly(sort_run const& run, T* v, std::size_t n, std::size_t k, T* scratch,
                                 Less const& less) {
    std::vector<unsigned char> flags(n);
    auto const split = [&](T* part, std::size_t size, auto const& goes_first) -> std::optional<std::size_t> {
        if (!run.each(size, 0, 1, [&](std::uint64_t i) { flags[i] = goes_first(part[i]) ? 1 : 0; })) return {};
        std::size_t next = 0;
        return detail::split_kernel(part, size, scratch, [&](T const&) { return flags[next++] != 0; });
    };
    bool selected = false;
    return run.once([&](std::uint64_t) { selected = detail::select_by(v, n, k, scratch, less, split); }) && selected;
}

/// Brings to place `k` the element that stands there when all are sorted. The elements before it go to its left, and
/// the others to its right. Returns false, with all elements in `v`, if it was not completed. The order of the elements
/// does not depend on whether their comparisons are expensive.
template<class T, class Less>
[[nodiscard]] bool select_plain(sort_run const& run, T* v, std::size_t n, std::size_t k, T* scratch, Less const& less) {
    constexpr std::size_t count = 1024, around = 48, least = std::size_t{1} << 13;
    std::optional<plain_array<std::uint8_t>> noted;
    bool slow = false;
    auto const ask = [&](std::uint64_t) {
        slow = detail::takes_long(v, n, 4 * (n < least_block ? n : least_block), less);
    };
    if (n >= least_timed && run.workers() > 1 && !run.once(ask)) return false;
    while (n >= least) {
        if (!noted) noted.emplace(n);
        plain_array<T> const samples(2 * count);
        T* const sample = samples.data();
        if (!run.once([&](std::uint64_t) {
                for (std::size_t i = 0; i < count; ++i) detail::put(sample + i, v[sample_position(i, count, n)]);
                if (!slow) sort_base_case(sample, count, sample + count, less);
            }))
            return false;
        if (slow && !detail::sort_expensive(run, sample, count, sample + count, less)) return false;
        std::optional<pivot_classifier<T, Less>> classifier;
        if (!run.once([&](std::uint64_t) {
                std::size_t const rank =
                    static_cast<std::size_t>(static_cast<double>(k) / static_cast<double>(n) * count);
                T const& low = sample[rank < around ? 0 : rank - around];
                T const& high = sample[rank + around < count ? rank + around : count - 1];
                classifier.emplace(pivot_classifier<T, Less>{low, high, less, noted->data(), !less(low, high)});
            }))
            return false;
        bucket_starts starts;
        if (!detail::distribute(run, v, scratch, n, *classifier, starts, slow ? 64 : least_block)) return false;
        run.copy(v, scratch, n);
        std::size_t bucket = 0;
        while (k >= starts[bucket + 1]) ++bucket;
        if (classifier->equal(bucket)) return true;
        std::size_t const first = starts[bucket];
        n = starts[bucket + 1] - first;
        v += first;
        k -= first;
    }
    if (slow) return detail::select_slowly(run, v, n, k, scratch, less);
    return run.once([&](std::uint64_t) { select_alone(v, n, k, scratch, less); });
}

/// The work of `sort_copies` and `sort_pointers` on plain elements.
template<class Less>
struct by_rank {
    Less less;
    std::size_t k;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        bool slow = false;
        if (!detail::ask_whether_slow(run, v, n, less, slow)) return false;
        return slow ? select_plain(run, v, n, k, scratch, slow_less<T>(less))
                    : select_plain(run, v, n, k, scratch, less);
    }
};

} // namespace hocket::detail
