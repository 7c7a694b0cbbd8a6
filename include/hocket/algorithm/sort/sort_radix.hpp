// SPDX-License-Identifier: MIT
// The sort by numbers. The highest bits in which a sample differs choose the bucket, which fits a cache. Within a
// bucket, so many further bits are used that hardly two elements share a place; an insertion sort does the rest.
// Stable. The sorts use it.
#pragma once

#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_distribute.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_order.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_splitters.hpp>
#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// By how many bits to shift numbers up to `greatest` so that they are less than `wanted`, a power of two.
[[nodiscard]] constexpr unsigned excess_bits(std::uint64_t greatest, std::size_t wanted) noexcept {
    unsigned const needed = static_cast<unsigned>(std::bit_width(greatest));
    unsigned const allowed = static_cast<unsigned>(std::bit_width(wanted)) - 1;
    return needed > allowed ? needed - allowed : 0;
}

/// Buckets of equal width between the least and the greatest key of a sample; what lies outside goes to the outermost.
template<class T, class Bits>
class digit_classifier {
  public:
    digit_classifier(T const* v, std::size_t n, std::size_t wanted, Bits const& bits) : bits_(bits) {
        std::size_t const count = n < 1024 ? n : 1024;
        least_ = greatest_ = bits(v[0]);
        for (std::size_t i = 0; i < count; ++i) {
            key const k = bits(v[sample_position(i, count, n)]);
            if (k < least_) least_ = k;
            if (k > greatest_) greatest_ = k;
        }
        key const range = static_cast<key>(greatest_ - least_);
        shift_ = excess_bits(range, wanted);
        last_ = static_cast<std::size_t>(range >> shift_) + 2; // below, digits, above
    }

    [[nodiscard]] std::size_t buckets() const noexcept { return last_ + 1; }
    [[nodiscard]] bool equal(std::size_t k) const noexcept { return shift_ == 0 && k != 0 && k != last_; }

    void count(T const* v, std::size_t n, std::size_t, std::size_t* counts) const {
        digit const of = here();
        for (std::size_t i = 0; i < n; ++i) ++counts[of(v[i])];
    }

    void scatter(T const* v, std::size_t n, std::size_t, T** places) const {
        digit const of = here();
        for (std::size_t i = 0; i < n; ++i) put(places[of(v[i])]++, v[i]);
    }

  private:
    using key = typename Bits::bits;

    struct digit {
        Bits bits;
        key least, greatest;
        unsigned shift;
        std::size_t last;
        HOCKET_ALWAYS_INLINE std::size_t operator()(T const& x) const {
            key const k = bits(x);
            std::size_t const inside = static_cast<std::size_t>(static_cast<key>(k - least) >> shift) + 1;
            return k < least ? 0 : k > greatest ? last : inside;
        }
    };
    digit here() const noexcept { return {bits_, least_, greatest_, shift_, last_}; }

    Bits const& bits_;
    key least_, greatest_;
    unsigned shift_ = 0;
    std::size_t last_ = 0;
};

template<class T, class Bits, class Less>
void sort_digits(T* bucket, std::size_t n, T* target, Bits const& bits, Less const& less, unsigned char& moved);

/// Sorts the elements of `bucket` into `target`; all elements are in `target` whatever happens.
template<class T, class Bits, class Less>
void sort_digits_or_copy(T* bucket, std::size_t n, T* target, Bits const& bits, Less const& less) {
    unsigned char moved = 0;
    try {
        detail::sort_digits(bucket, n, target, bits, less, moved);
    } catch (...) {
        if (!moved) detail::copy_plain(target, bucket, n);
        throw;
    }
}

/// Sorts the elements of `bucket` into `target`; sets `moved` when all of them are there.
template<class T, class Bits, class Less>
void sort_digits(T* bucket, std::size_t n, T* target, Bits const& bits, Less const& less, unsigned char& moved) {
    auto const kernel = [&] {
        sort_base_case_into(bucket, n, target, less);
        moved = 1;
    };
    constexpr std::size_t most = 16'384, usual = most / 4;
    if (n < 64) return kernel();
    using key = typename Bits::bits;
    Bits const bits_here = bits;
    key least = bits_here(bucket[0]), greatest = least;
    for (std::size_t i = 1; i < n; ++i) {
        key const k = bits_here(bucket[i]);
        least = k < least ? k : least;
        greatest = k > greatest ? k : greatest;
    }
    key const range = static_cast<key>(greatest - least);
    if (range == 0) {
        detail::copy_plain(target, bucket, n);
        moved = 1;
        return;
    }
    std::size_t const wanted = n <= usual      ? std::bit_ceil(n)
                               : n < 4 * usual ? usual
                               : n < 2 * most  ? std::bit_floor(n / 2)
                                               : most;
    unsigned const shift = excess_bits(range, wanted);
    std::size_t const digits = static_cast<std::size_t>(range >> shift) + 1;
    auto const digit = [&](T const& x) {
        return static_cast<std::size_t>(static_cast<key>(bits_here(x) - least) >> shift);
    };

    sort_scratch<std::uint32_t> table(digits + 1); // not in the frame: the callers' stack may be small
    std::uint32_t* const ends = table.data();
    for (std::size_t d = 0; d <= digits; ++d) ends[d] = 0;
    for (std::size_t i = 0; i < n; ++i) ++ends[digit(bucket[i])];
    std::uint32_t sum = 0, longest = 0;
    for (std::size_t d = 0; d < digits; ++d) {
        std::uint32_t const count = ends[d];
        longest = count > longest ? count : longest;
        ends[d] = sum;
        sum += count;
    }
    for (std::size_t i = 0; i < n; ++i) detail::put(target + ends[digit(bucket[i])]++, bucket[i]);
    moved = 1;
    if (shift == 0) return;
    if (longest > 16)
        for (std::size_t d = 0, first = 0; d < digits; first = ends[d], ++d) {
            std::size_t const size = ends[d] - first;
            if (size <= 16) continue;
            if (size <= 512) {
                sort_base_case(target + first, size, bucket + first, less);
            } else {
                detail::copy_plain(bucket + first, target + first, size);
                detail::sort_digits_or_copy(bucket + first, size, target + first, bits, less);
            }
        }
    detail::insert_rest(target, 1, n, less);
}

/// Sorts `v` stably by the bits of its keys, with room for as many elements in `scratch`. Returns false, with all
/// elements in `v`, if it was not completed.
template<class T, class Bits, class Less>
[[nodiscard]] bool radix_sort(sort_run const& run, T* v, std::size_t n, T* scratch, Bits const& bits, Less const& less,
                              unsigned levels_left = 16) {
    if (levels_left == 0) // only an adversary that knows the sample makes such keys
        return run.once([&](std::uint64_t) {
            sort_base_case(v, n, scratch, less);
            run.finished(n);
        });
    std::size_t wanted = std::bit_ceil(n >> 13);
    if (wanted < 16) wanted = 16;
    if (wanted > 1024) wanted = 1024;
    std::optional<digit_classifier<T, Bits>> classifier;
    if (!run.once([&](std::uint64_t) { classifier.emplace(v, n, wanted, bits); })) return false;
    auto const sort_bucket = [&](std::size_t k, T* bucket, std::size_t size, T* target, unsigned char& moved) {
        if (!classifier->equal(k)) return detail::sort_digits(bucket, size, target, bits, less, moved);
        detail::copy_plain(target, bucket, size);
        moved = 1;
    };
    auto const sort_long = [&](T* part, std::size_t size, T* room_for_it) {
        return radix_sort(run, part, size, room_for_it, bits, less, levels_left - 1);
    };
    return distribution_level(run, v, n, scratch, *classifier, sort_bucket, sort_long);
}

} // namespace hocket::detail
