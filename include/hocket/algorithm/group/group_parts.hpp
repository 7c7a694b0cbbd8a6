// SPDX-License-Identifier: MIT
// Groups elements by key: the hash of a key says to which part of all keys it belongs. Elements are distributed to the
// parts in their order (a stable counting sort of their positions), and each part has a table of its own.
// parallel_group_by uses it, and its table also if there are few keys.
#pragma once

#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/base/options.hpp>
#include <hocket/os/large_pages.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Spreads a hash: that of an integer is often the integer.
[[nodiscard]] constexpr std::uint32_t spread_hash(std::uint64_t hash) noexcept {
    hash = (hash ^ (hash >> 32)) * 0x9e37'79b9'7f4a'7c15U;
    hash = (hash ^ (hash >> 29)) * 0xbf58'476d'1ce4'e5b9U;
    return static_cast<std::uint32_t>(hash >> 32);
}

/// The positions of all elements, part by part.
class hash_parts {
  public:
    static constexpr std::uint64_t parts_of_many = 256;

    hash_parts(thread_pool& pool, std::uint32_t const* hashes, std::uint64_t n, loop_options const& options)
        : hashes_(hashes),
          parts_(n < 8192 ? 1 : parts_of_many),
          starts_(static_cast<std::size_t>(parts_ + 1)),
          positions_(new std::uint64_t[static_cast<std::size_t>(n)]) {
        prefer_large_pages(positions_.get(), static_cast<std::size_t>(n) * sizeof(std::uint64_t));
        std::uint64_t const block = n / 512 < 4096 ? 4096 : n / 512, blocks = (n + block - 1) / block;
        std::vector<std::uint64_t> offsets(static_cast<std::size_t>(blocks * parts_));
        auto const last = [&](std::uint64_t b) { return n - b * block < block ? n : (b + 1) * block; };
        run_units(pool, blocks, n, options, [&](std::uint64_t b, std::uint64_t&) {
            std::uint64_t* const count = offsets.data() + b * parts_;
            for (std::uint64_t i = b * block, end = last(b); i != end; ++i) ++count[part_of(i)];
        });
        std::uint64_t total = 0;
        for (std::uint64_t p = 0; p != parts_; ++p) {
            starts_[static_cast<std::size_t>(p)] = total;
            for (std::uint64_t b = 0; b != blocks; ++b)
                total += std::exchange(offsets[static_cast<std::size_t>(b * parts_ + p)], total);
        }
        starts_.back() = total;
        run_units(pool, blocks, n, options, [&](std::uint64_t b, std::uint64_t&) {
            std::uint64_t* const next = offsets.data() + b * parts_;
            for (std::uint64_t i = b * block, end = last(b); i != end; ++i) positions_[next[part_of(i)]++] = i;
        });
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return parts_; }
    [[nodiscard]] std::uint64_t part_of(std::uint64_t i) const noexcept { return parts_ == 1 ? 0 : hashes_[i] >> 24; }
    [[nodiscard]] std::uint64_t const* begin(std::uint64_t p) const noexcept { return positions_.get() + starts_[p]; }
    [[nodiscard]] std::uint64_t const* end(std::uint64_t p) const noexcept { return positions_.get() + starts_[p + 1]; }

  private:
    std::uint32_t const* hashes_;
    std::uint64_t parts_;
    std::vector<std::uint64_t> starts_;
    std::unique_ptr<std::uint64_t[]> positions_;
};

/// Numbers keys in the order in which they come: open addressing with linear probes. More places per key mean fewer
/// wrong probes and more cache.
template<class Number, unsigned PlacesOfKey = 2>
class key_table {
  public:
    key_table() : places_(64) {}

    /// Returns the number of the key with this hash; `same(number)` compares it with an earlier key. A new key gets
    /// `count()`.
    template<class Same>
    Number find(std::uint32_t hash, Same const& same) {
        std::size_t const mask = places_.size() - 1;
        for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
            place& here = places_[at];
            if (here.number == 0) {
                here = {hash, ++count_};
                if (count_ * PlacesOfKey > places_.size()) grow();
                return count_ - 1;
            }
            if (here.hash == hash && same(here.number - 1)) return here.number - 1;
        }
    }

  private:
    struct place {
        std::uint32_t hash = 0;
        Number number = 0; // counted from 1; 0 is free
    };

    void grow() {
        std::vector<place> larger(places_.size() * 4);
        std::size_t const mask = larger.size() - 1;
        for (place const& one : places_) {
            if (one.number == 0) continue;
            std::size_t at = one.hash & mask;
            while (larger[at].number != 0) at = (at + 1) & mask;
            larger[at] = one;
        }
        places_ = std::move(larger);
    }

    std::vector<place> places_;
    Number count_ = 0;
};

} // namespace hocket::detail
