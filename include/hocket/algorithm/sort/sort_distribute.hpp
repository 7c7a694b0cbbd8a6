// SPDX-License-Identifier: MIT
// One level of a distribution sort: elements are counted and copied to their buckets in their order, then the buckets
// are sorted side by side. The blocks depend on sizes alone, and the order within a bucket on nothing else. So the
// result shows neither the number of workers nor timing. The sorts use it.
#pragma once

#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::size_t most_buckets = 1026;

/// The positions where the buckets of a level begin; one more than there are buckets.
using bucket_starts = std::vector<std::size_t>;

/// The fewest elements of a block that are worth a task, if a comparison takes a nanosecond or two.
inline constexpr std::size_t least_block = std::size_t{1} << 13;

/// Copies the elements of `from` to `to`, bucket by bucket, in blocks of at least `least`. A classifier counts the
/// elements of a part, and scatters them to given places; both for any part, from any thread. Returns false, with
/// `from` as it was, if it was not completed. The elements of each bucket keep their order.
template<class T, class Classifier>
[[nodiscard]] bool distribute(sort_run const& run, T const* from, T* to, std::size_t n, Classifier const& classifier,
                              bucket_starts& starts, std::size_t least = least_block) {
    std::size_t const buckets = classifier.buckets();
    std::size_t block = n / 256 + 1;
    if (block < least) block = least;
    if (block < 16 * buckets) block = 16 * buckets;
    std::size_t const blocks = (n - 1) / block + 1;
    plain_array<std::size_t> const table(blocks * buckets);
    std::size_t* const counts = table.data();
    auto const length = [&](std::uint64_t i) { return n - i * block < block ? n - i * block : block; };

    if (!run.each(blocks, 0, block, [&](std::uint64_t i) {
            std::size_t* const row = counts + i * buckets;
            for (std::size_t k = 0; k < buckets; ++k) row[k] = 0;
            classifier.count(from + i * block, length(i), i * block, row);
        }))
        return false;

    starts.assign(buckets + 1, 0);
    for (std::size_t i = 0; i < blocks; ++i)
        for (std::size_t k = 0; k < buckets; ++k) starts[k + 1] += counts[i * buckets + k];
    for (std::size_t k = 0; k < buckets; ++k) starts[k + 1] += starts[k];
    std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t i = 0; i < blocks; ++i)
        for (std::size_t k = 0; k < buckets; ++k) {
            std::size_t const count = counts[i * buckets + k];
            counts[i * buckets + k] = next[k];
            next[k] += count;
        }

    return run.each(blocks, 0, block, [&](std::uint64_t i) {
        T* places[most_buckets];
        for (std::size_t k = 0; k < buckets; ++k) places[k] = to + counts[i * buckets + k];
        classifier.scatter(from + i * block, length(i), i * block, places);
    });
}

/// Sorts `v` by one level of distribution into `scratch` and back. `sort_bucket(k, bucket, n, target, moved)` brings
/// the elements of bucket `k` to `target` and sorts them; it sets `moved` when they are all there. Buckets that are too
/// long for one worker are passed to `sort_long(v, n, scratch)` when the others have finished. Returns false, with all
/// elements in `v`, if it was not completed.
template<class T, class Classifier, class SortBucket, class SortLong>
[[nodiscard]] bool distribution_level(sort_run const& run, T* v, std::size_t n, T* scratch,
                                      Classifier const& classifier, SortBucket const& sort_bucket,
                                      SortLong const& sort_long) {
    bucket_starts starts;
    if (!detail::distribute(run, v, scratch, n, classifier, starts)) return false;

    std::size_t const buckets = classifier.buckets();
    std::size_t const least_long = std::size_t{1} << 17;
    std::size_t const most_short = std::size_t{1} << 31;
    std::size_t const share = n / 16 < least_long ? least_long : n / 16;
    std::size_t const too_long = share < most_short ? share : most_short;
    std::vector<unsigned char> moved(buckets, 0);
    auto const size = [&](std::size_t k) { return starts[k + 1] - starts[k]; };
    auto const is_long = [&](std::size_t k) { return size(k) > too_long && !classifier.equal(k); };
    bool complete = run.each(buckets, 0, n / buckets, [&](std::uint64_t i) {
        std::size_t const k = static_cast<std::size_t>(i);
        if (size(k) == 0 || is_long(k)) return;
        sort_bucket(k, scratch + starts[k], size(k), v + starts[k], moved[k]);
        run.finished(size(k));
    });
    for (std::size_t k = 0; k < buckets; ++k)
        if (!moved[k]) run.copy(v + starts[k], scratch + starts[k], size(k));
    for (std::size_t k = 0; complete && k < buckets; ++k)
        if (is_long(k)) complete = sort_long(v + starts[k], size(k), scratch + starts[k]);
    return complete;
}

} // namespace hocket::detail
