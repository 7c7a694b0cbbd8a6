// SPDX-License-Identifier: MIT
// Selection among plain elements: two pivots from a sample, close around the wanted rank, leave an eighth of the elements
// to be searched (R. Floyd and R. Rivest, 1975).
// Floor: algorithm. parallel_nth_element uses it.
#pragma once

#include <hocket/algorithm/sort_distribute.hpp>
#include <hocket/algorithm/sort_leaf.hpp>
#include <hocket/algorithm/sort_run.hpp>
#include <hocket/algorithm/sort_splitters.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hocket::detail {

/// Less than the first pivot, equal to it, between, equal to the second, greater. Of equal pivots only 0, 2 and 4.
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

/// Puts those of `v` of which `goes_first` is true before the others, by way of `scratch`. If that throws, `v` is as it was.
template<class T, class GoesFirst>
[[nodiscard]] std::size_t split_leaf(T* v, std::size_t n, T* scratch, GoesFirst const& goes_first) {
    T* low = scratch;
    T* high = scratch + n;
    for (std::size_t i = 0; i != n; ++i) {
        T const x = v[i];
        bool const first = goes_first(x);
        put(low, x);
        put(high - 1, x);
        low += first ? 1 : 0;
        high -= first ? 0 : 1;
    }
    detail::copy_plain(v, scratch, n);
    return static_cast<std::size_t>(low - scratch);
}

/// The same as select_plain, by the calling thread.
template<class T, class Less>
void select_alone(T* v, std::size_t n, std::size_t k, T* scratch, Less const& less) {
    constexpr std::size_t few = 32;
    unsigned rounds = 2 * static_cast<unsigned>(std::bit_width(n));
    while (n > few && rounds-- != 0) {
        std::size_t const count = n < 256 ? 7 : 31;
        for (std::size_t i = 0; i < count; ++i) detail::put(scratch + i, v[sample_position(i, count, n)]);
        sort_leaf(scratch, count, scratch + count, less);
        T const pivot = scratch[k * count / n];
        std::size_t const lesser = detail::split_leaf(v, n, scratch, [&](T const& x) { return less(x, pivot); });
        if (k < lesser) {
            n = lesser;
            continue;
        }
        v += lesser;
        n -= lesser;
        k -= lesser;
        std::size_t const equal = detail::split_leaf(v, n, scratch, [&](T const& x) { return !less(pivot, x); });
        if (k < equal) return;
        v += equal;
        n -= equal;
        k -= equal;
    }
    sort_leaf(v, n, scratch, less);
}

/// Brings to place `k` the element that stands there when all are sorted, those before it to its left, and the others
/// to its right. False, with all elements in `v`, if it was not completed.
template<class T, class Less>
[[nodiscard]] bool select_plain(sort_run const& run, T* v, std::size_t n, std::size_t k, T* scratch, Less const& less) {
    constexpr std::size_t count = 1024, around = 48, least = std::size_t{1} << 13;
    std::optional<plain_array<std::uint8_t>> noted;
    while (n >= least) {
        if (!noted) noted.emplace(n);
        std::optional<pivot_classifier<T, Less>> classifier;
        if (!run.once([&](std::uint64_t) {
                plain_array<T> const samples(2 * count);
                T* const sample = samples.data();
                for (std::size_t i = 0; i < count; ++i) detail::put(sample + i, v[sample_position(i, count, n)]);
                sort_leaf(sample, count, sample + count, less);
                std::size_t const rank =
                    static_cast<std::size_t>(static_cast<double>(k) / static_cast<double>(n) * count);
                T const& low = sample[rank < around ? 0 : rank - around];
                T const& high = sample[rank + around < count ? rank + around : count - 1];
                classifier.emplace(pivot_classifier<T, Less>{low, high, less, noted->data(), !less(low, high)});
            }))
            return false;
        bucket_starts starts;
        if (!detail::distribute(run, v, scratch, n, *classifier, starts)) return false;
        run.copy(v, scratch, n);
        std::size_t bucket = 0;
        while (k >= starts[bucket + 1]) ++bucket;
        if (classifier->equal(bucket)) return true;
        std::size_t const first = starts[bucket];
        n = starts[bucket + 1] - first;
        v += first;
        k -= first;
    }
    return run.once([&](std::uint64_t) { select_alone(v, n, k, scratch, less); });
}

/// What `sort_copies` and `sort_pointers` do with the plain elements.
template<class Less>
struct by_rank {
    Less less;
    std::size_t k;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        return select_plain(run, v, n, k, scratch, less);
    }
};

} // namespace hocket::detail
