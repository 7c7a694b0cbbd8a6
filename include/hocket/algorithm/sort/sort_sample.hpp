// SPDX-License-Identifier: MIT
// The sort by a comparator of plain elements: one level of a sample sort, then quicksort in the caches.
// The sorts use it.
#pragma once

#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_distribute.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_splitters.hpp>
#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// The length below which the caller sorts alone.
inline constexpr std::size_t least_distributed = 4096;

/// Sorts `v` stably, with room for as many elements in `scratch`. Returns false, with all elements in `v`, if it was
/// not completed.
template<class T, class Less>
[[nodiscard]] bool sample_sort(sort_run const& run, T* v, std::size_t n, T* scratch, Less const& less) {
    std::size_t wanted = std::bit_ceil(n >> 12);
    if (wanted < 4) wanted = 4;
    if (wanted > 256) wanted = 256;
    plain_array<std::uint8_t> const noted(n);
    std::optional<splitters<T, Less>> classifier;
    if (!run.once([&](std::uint64_t) { classifier.emplace(v, n, wanted, less, noted.data()); })) return false;
    auto const sort_bucket = [&](std::size_t k, T* bucket, std::size_t size, T* target, unsigned char& moved) {
        if (classifier->equal(k))
            detail::copy_plain(target, bucket, size);
        else
            sort_base_case_into(bucket, size, target, less);
        moved = 1;
    };
    auto const sort_long = [&](T* part, std::size_t size, T* room_for_it) {
        if (size > n / 2) // the sample has misled: no second try
            return run.once([&](std::uint64_t) {
                sort_base_case(part, size, room_for_it, less);
                run.finished(size);
            });
        return sample_sort(run, part, size, room_for_it, less);
    };
    return distribution_level(run, v, n, scratch, *classifier, sort_bucket, sort_long);
}

} // namespace hocket::detail
