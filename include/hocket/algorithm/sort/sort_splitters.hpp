// SPDX-License-Identifier: MIT
// The classifier of a sample sort: splitters from a sample, in a tree that is searched without branches, eight elements
// at a time (P. Sanders and S. Winkel, 2004; M. Axtmann et al., In-place parallel super scalar samplesort, 2017). Where
// the sample shows equal keys, those that are equal to a splitter get buckets of their own, which are sorted already.
// The sorts use it.
#pragma once

#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns `count` positions below `n`, spread evenly but irregularly: the same positions for the same numbers.
[[nodiscard]] constexpr std::size_t sample_position(std::size_t i, std::size_t count, std::size_t n) noexcept {
    std::size_t const stride = n / count;
    std::uint64_t mixed = (i + 1) * 0x9e37'79b9'7f4a'7c15U;
    mixed = (mixed ^ (mixed >> 31)) * 0xbf58'476d'1ce4'e5b9U;
    return i * stride + static_cast<std::size_t>((mixed ^ (mixed >> 29)) % stride);
}

template<class T, class Less>
class splitters {
  public:
    /// For `n` elements, into about `wanted` buckets, a power of two of at most 256. `noted` has room for `n` bytes, in
    /// which the buckets are noted, so that each element is classified once.
    splitters(T const* v, std::size_t n, std::size_t wanted, Less const& less, std::uint8_t* noted)
        : less_(less), noted_(noted), room_(2 * most) {
        std::size_t const count = wanted * samples_each;
        plain_array<T> const samples(2 * count);
        T* const sample = samples.data();
        for (std::size_t i = 0; i < count; ++i) put(sample + i, v[sample_position(i, count, n)]);
        sort_base_case(sample, count, sample + count, less);
        std::size_t distinct = 0;
        for (std::size_t i = 1; i < wanted; ++i) {
            T const& splitter = sample[i * samples_each];
            if (distinct != 0 && !less(sorted()[distinct - 1], splitter))
                equal_ = true;
            else
                put(sorted() + distinct++, splitter);
        }
        if (equal_ && distinct > 127) // twice as many buckets: every other splitter
            for (std::size_t i = 0; i < distinct / 2; ++i) detail::put(sorted() + i, T(sorted()[2 * i]));
        if (equal_ && distinct > 127) distinct /= 2;
        levels_ = static_cast<unsigned>(std::bit_width(distinct));
        for (std::size_t i = distinct; i < (std::size_t{1} << levels_) - 1; ++i)
            detail::put(sorted() + i, sorted()[distinct - 1]);
        build(1, 0, (std::size_t{1} << levels_) - 1);
    }

    splitters(splitters const&) = delete;
    splitters& operator=(splitters const&) = delete;

    [[nodiscard]] std::size_t buckets() const noexcept { return std::size_t{1} << (levels_ + (equal_ ? 1 : 0)); }
    /// Whether all elements of the bucket are equal.
    [[nodiscard]] bool equal(std::size_t k) const noexcept { return equal_ && k % 2 == 1; }

    void count(T const* v, std::size_t n, std::size_t position, std::size_t* counts) const {
        std::uint8_t* const noted = noted_ + position;
        std::size_t i = 0;
        for (; n - i >= 8; i += 8) {
            std::size_t found[8];
            classify<8>(v + i, found);
            for (std::size_t j = 0; j < 8; ++j) {
                noted[i + j] = static_cast<std::uint8_t>(found[j]);
                ++counts[found[j]];
            }
        }
        for (; i < n; ++i) {
            std::size_t found[1];
            classify<1>(v + i, found);
            noted[i] = static_cast<std::uint8_t>(found[0]);
            ++counts[found[0]];
        }
    }

    void scatter(T const* v, std::size_t n, std::size_t position, T** places) const noexcept {
        std::uint8_t const* const noted = noted_ + position;
        for (std::size_t i = 0; i < n; ++i) put(places[noted[i]]++, v[i]);
    }

  private:
    static constexpr std::size_t samples_each = 16, most = 256;

    T* tree() const noexcept { return room_.data(); }
    T* sorted() const noexcept { return room_.data() + most; }

    void build(std::size_t node, std::size_t first, std::size_t last) {
        if (first == last) return;
        std::size_t const middle = first + (last - first) / 2;
        detail::put(tree() + node, sorted()[middle]);
        build(2 * node, first, middle);
        build(2 * node + 1, middle + 1, last);
    }

    /// The number of splitters that are not greater; twice that where equal keys are told apart, less one for those.
    template<std::size_t together>
    HOCKET_ALWAYS_INLINE void classify(T const* v, std::size_t (&found)[together]) const {
        T const* const nodes = tree();
        std::size_t const leaves = std::size_t{1} << levels_;
        for (std::size_t& node : found) node = 1;
        for (unsigned level = 0; level < levels_; ++level)
            for (std::size_t j = 0; j < together; ++j)
                found[j] = 2 * found[j] + static_cast<std::size_t>(!less_(v[j], nodes[found[j]]));
        for (std::size_t& node : found) node -= leaves;
        if (!equal_) return;
        T const* const by_rank = sorted();
        for (std::size_t j = 0; j < together; ++j) {
            std::size_t const rank = found[j];
            std::size_t const before = rank - static_cast<std::size_t>(rank != 0);
            bool const is_equal = !less_(by_rank[before], v[j]);
            found[j] = 2 * rank - static_cast<std::size_t>(is_equal & (rank != 0));
        }
    }

    Less const& less_;
    std::uint8_t* noted_;
    unsigned levels_ = 0;
    bool equal_ = false;
    plain_array<T> room_;
};

} // namespace hocket::detail
