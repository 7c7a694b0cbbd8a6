// SPDX-License-Identifier: MIT
// Counts a histogram: each part of the range has tables of its own, so that no two threads write one table. With few
// buckets each part has several tables, because a counter that has just been written cannot be read at once. With many
// buckets a counter is a byte, so that more of the table fits the core's own cache. parallel_histogram uses it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

[[noreturn]] HOCKET_COLD inline void throw_no_such_bucket() {
    throw std::out_of_range("hocket: a key of parallel_histogram is not less than the number of buckets");
}

/// The bucket of an element.
template<class Key, class X>
HOCKET_ALWAYS_INLINE std::uint64_t bucket_of(Key const& key, X&& element, std::uint64_t buckets) {
    std::uint64_t const bucket = static_cast<std::uint64_t>(detail::call(key, element)); // a negative one is too large
    if (bucket >= buckets) [[unlikely]]
        throw_no_such_bucket();
    return bucket;
}

/// Whether no key of the type is too large for a bucket: then no check is needed.
template<class Result>
[[nodiscard]] constexpr bool every_key_fits(std::uint64_t buckets) noexcept {
    return std::is_unsigned_v<Result> && std::numeric_limits<Result>::max() < buckets;
}

/// Stores the bucket of each element.
template<class In, class Key>
struct bucket_kernel {
    static constexpr bool resumes = true;
    In const& in;
    Key const& key;
    std::uint64_t buckets;
    std::uint64_t* out;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Key> of = key;
        std::uint64_t i = first;
        report_position const report(at, i);
        for (In element = advanced(in, i); i != last; void(++i), ++element) out[i] = bucket_of(of, *element, buckets);
    }
};

/// The buckets whose one-byte counters wrapped to zero, part by part, once for each wrap.
template<class Count>
class full_rounds {
  public:
    static constexpr bool happen = sizeof(Count) == 1;
    static constexpr std::size_t worth = 256;

    full_rounds(std::uint64_t part, std::uint64_t parts)
        : most_(happen ? part / worth : 0),
          parts_(parts),
          buckets_(happen ? parts * most_ : 0),
          counts_(happen ? new std::uint64_t[static_cast<std::size_t>(parts)]() : nullptr) {}

    /// Notes a wrap; called by the one thread that counts part k.
    HOCKET_COLD void note(std::uint64_t k, std::uint64_t bucket) const noexcept {
        buckets_.data()[k * most_ + counts_[k]++] = bucket;
    }
    void add_to(std::size_t* results) const noexcept {
        for (std::uint64_t k = 0; happen && k != parts_; ++k)
            for (std::uint64_t i = 0; i != counts_[k]; ++i) results[buckets_.data()[k * most_ + i]] += worth;
    }

  private:
    std::uint64_t most_; // of a part
    std::uint64_t parts_;
    plain_array<std::uint64_t> buckets_;
    std::unique_ptr<std::uint64_t[]> counts_;
};

/// Tables for the parts of a range. Part k has `tables` of them, in memory that is untouched until its worker clears
/// it.
template<class Count>
struct part_tables {
    std::uint64_t buckets, part, parts, tables;
    plain_array<Count> memory;
    full_rounds<Count> rounds;

    part_tables(std::uint64_t buckets_, std::uint64_t part_, std::uint64_t parts_)
        : buckets(buckets_),
          part(part_),
          parts(parts_),
          tables(buckets_ <= 1024 ? 4 : 1),
          memory(parts_ * tables * stride()),
          rounds(part_, parts_) {}

    /// Returns the distance of two parts, such that they share no line.
    [[nodiscard]] std::uint64_t stride() const noexcept {
        constexpr std::uint64_t line = cache_line / sizeof(Count);
        return (buckets + line - 1) / line * line + line;
    }
    [[nodiscard]] Count* of(std::uint64_t k) const noexcept { return memory.data() + k * tables * stride(); }
};

template<class In, class Key, class Count>
struct count_kernel {
    using result = std::remove_cvref_t<call_result<Key, std::iter_reference_t<In>>>;
    static constexpr bool resumes = true;
    In const& in;
    Key const& key;
    part_tables<Count> const& all;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Key> of = key;
        std::uint64_t i = first;
        report_position const report(at, i);
        In element = advanced(in, i);
        std::uint64_t const buckets = all.buckets, stride = all.stride();
        stop_pace pace(last - first > all.part);
        while (i != last) {
            std::uint64_t const k = i / all.part, rest = (k + 1) * all.part - i;
            std::uint64_t const end = pace.next(i, last - i < rest ? last : i + rest);
            Count* const table = all.of(k);
            if (i == k * all.part)
                std::memset(static_cast<void*>(table), 0,
                            static_cast<std::size_t>(all.tables * stride) * sizeof(Count));
            if (every_key_fits<result>(buckets))
                count(k, element, i, end, [&](auto&& x) { return static_cast<std::uint64_t>(detail::call(of, x)); });
            else
                count(k, element, i, end, [&](auto&& x) { return bucket_of(of, x, buckets); });
        }
    }

  private:
    template<class Bucket>
    HOCKET_ALWAYS_INLINE void count(std::uint64_t k, In& element, std::uint64_t& i, std::uint64_t end,
                                    Bucket const& bucket) const {
        Count* const table = all.of(k);
        std::uint64_t const stride = all.stride();
        if constexpr (full_rounds<Count>::happen) {
            for (; i != end; void(++i), ++element) {
                std::uint64_t const b = bucket(*element);
                if (++table[b] == 0) [[unlikely]]
                    all.rounds.note(k, b);
            }
            return;
        }
        if (all.tables == 4) {
            while (end - i >= 4)
                for (unsigned t = 0; t != 4; ++t, void(++i), ++element) ++table[t * stride + bucket(*element)];
        }
        for (; i != end; void(++i), ++element) ++table[bucket(*element)];
    }
};

/// Adds up the tables.
template<class Count>
struct add_tables_kernel {
    static constexpr bool resumes = false;
    part_tables<Count> const& all;
    std::size_t* results;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t&) const noexcept {
        for (std::uint64_t from = first; from != last;) { // a piece that stays in the cache
            std::uint64_t const to = last - from < 1024 ? last : from + 1024;
            for (std::uint64_t t = 0; t != all.parts * all.tables; ++t) {
                Count const* const table = all.memory.data() + t * all.stride();
                if (t == 0)
                    for (std::uint64_t b = from; b != to; ++b) results[b] = table[b];
                else
                    for (std::uint64_t b = from; b != to; ++b) results[b] += table[b];
            }
            from = to;
        }
    }
};

} // namespace hocket::detail
