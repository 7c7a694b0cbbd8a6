// SPDX-License-Identifier: MIT
// Groups elements by key if there are few keys. Each block of elements numbers its keys by a table of its own. The
// tables are joined in the order of the blocks, which determines where the elements of each block begin in their group.
// Then each block builds its elements at their places. Elements, keys and numbers are read in their order, and never by
// hash. parallel_group_by uses it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/algorithm/group/group_parts.hpp>
#include <hocket/base/options.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/memory/uninitialized_vector.hpp>
#include <hocket/os/large_pages.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The part of a group that lies in one block.
struct group_share {
    std::uint64_t first;  // the block's first element in it
    std::uint64_t size;   // how many the block has
    std::uint64_t group;  // its number among the groups of all blocks
    std::uint64_t offset; // where among its members those of the block begin
    std::uint32_t hash;
};

/// A key that a block has met: a copy where that is cheap, so that comparisons need not look for it among all keys.
template<class Key>
class met_key {
    static constexpr bool copied =
        std::is_trivially_copyable_v<Key> && std::is_copy_constructible_v<Key> && sizeof(Key) <= 2 * sizeof(void*);

  public:
    explicit met_key(Key const& key) : key_(hold(key)) {}
    [[nodiscard]] bool operator==(Key const& other) const {
        if constexpr (copied)
            return static_cast<bool>(key_ == other);
        else
            return static_cast<bool>(*key_ == other);
    }

  private:
    static auto hold(Key const& key) noexcept {
        if constexpr (copied)
            return key;
        else
            return std::addressof(key);
    }
    std::conditional_t<copied, Key const, Key const*> key_;
};

/// The groups that blocks have, and of each element the number of its group within its block.
template<class Key>
class group_blocks {
  public:
    /// The cut follows from `n` alone. A block is long enough to have some elements of each of a thousand keys.
    group_blocks(Key const* keys, std::uint64_t n)
        : keys_(keys),
          n_(n),
          block_(block_of(n)),
          shares_(static_cast<std::size_t>(n / block_ + (n % block_ != 0))),
          numbers_(new std::uint16_t[static_cast<std::size_t>(n)]) {
        prefer_large_pages(numbers_.get(), static_cast<std::size_t>(n) * sizeof(std::uint16_t));
    }

    /// Numbers the keys, at first in one block for each worker. Returns whether all blocks have few keys; if one has
    /// not, this object is of no use.
    [[nodiscard]] bool number(thread_pool& pool, loop_options const& options) {
        std::uint64_t const blocks = shares_.size(), tried = pool.size() < blocks ? pool.size() : blocks;
        return number(pool, 0, tried, options) && number(pool, tried, blocks, options);
    }

    template<class Value>
    struct joined {
        std::vector<std::uint64_t> firsts{}; // the first element of each group, in their order
        std::vector<std::uint64_t> sizes{};
        std::vector<std::optional<uninitialized_vector<Value>>> members{};
    };

    /// Joins the parts of the blocks, and makes room for the members of each group. Returns whether the groups are few.
    template<class Value>
    [[nodiscard]] bool join(joined<Value>& groups, std::uint64_t& at) {
        key_table<std::uint64_t> table;
        std::uint64_t const usual = n_ / elements_of_group, most = usual < least_groups ? least_groups : usual;
        stop_pace pace;
        for (std::vector<group_share>& block : shares_)
            for (group_share& share : block) {
                at = share.first;
                share.group = table.find(share.hash, [&](std::uint64_t g) {
                    (void)pace.next(0, 1);
                    return static_cast<bool>(keys_[groups.firsts[static_cast<std::size_t>(g)]] == keys_[at]);
                });
                if (share.group == groups.firsts.size()) {
                    if (share.group == most) return false;
                    groups.firsts.push_back(at);
                    groups.sizes.push_back(0);
                }
                std::uint64_t& size = groups.sizes[static_cast<std::size_t>(share.group)];
                share.offset = size;
                size += share.size;
            }
        groups.members = std::vector<std::optional<uninitialized_vector<Value>>>(groups.firsts.size());
        for (std::size_t g = 0; g != groups.firsts.size(); ++g) {
            at = groups.firsts[g];
            groups.members[g].emplace(groups.sizes[g]);
        }
        return true;
    }

    /// Builds the members of all groups.
    template<class Value, class In>
    void fill(thread_pool& pool, In const& in, joined<Value> const& groups, loop_options const& options) const {
        run_units(pool, shares_.size(), n_, options,
                  [&](std::uint64_t b, std::uint64_t& at) { fill_block(in, b, groups, at); });
    }

  private:
    static constexpr std::uint64_t least_block = 16 * 1024, usual_blocks = 256;
    /// The most keys of a block: one for so many elements. 16 bits number those of the longest block.
    static constexpr std::uint64_t elements_of_key = 8, most_block = elements_of_key << 16;

    /// The most groups of all blocks: one thread joins them, so they are to be far fewer than elements.
    static constexpr std::uint64_t elements_of_group = 32, least_groups = least_block / elements_of_key;

    [[nodiscard]] static constexpr std::uint64_t block_of(std::uint64_t n) noexcept {
        std::uint64_t const usual = n / usual_blocks;
        return usual < least_block ? least_block : usual > most_block ? most_block : usual;
    }

    [[nodiscard]] std::uint64_t first(std::uint64_t b) const noexcept { return b * block_; }
    [[nodiscard]] std::uint64_t last(std::uint64_t b) const noexcept {
        return n_ - b * block_ < block_ ? n_ : (b + 1) * block_;
    }

    bool number(thread_pool& pool, std::uint64_t begin, std::uint64_t end, loop_options const& options) {
        run_units(pool, end - begin, n_, options,
                  [&](std::uint64_t unit, std::uint64_t& at) { number_block(begin + unit, at); });
        for (std::uint64_t b = begin; b != end; ++b)
            if (shares_[static_cast<std::size_t>(b)].empty()) return false;
        return true;
    }

    /// Leaves a block without shares where its keys are many.
    void number_block(std::uint64_t b, std::uint64_t& at) {
        std::vector<group_share> shares;
        std::vector<met_key<Key>> met;
        std::vector<std::uint64_t> sizes;
        key_table<std::uint32_t, 8> table;
        std::uint64_t const most = block_ / elements_of_key;
        Key const* const keys = keys_;
        std::uint16_t* const numbers = numbers_.get();
        std::uint64_t i = first(b);
        report_position const report(at, i);
        stop_pace pace;
        pace_of_keys<Key> of_comparisons; // the first elements may need none of these
        for (std::uint64_t const end = last(b); i != end;)
            for (std::uint64_t const part = pace.next(i, end); i != part; ++i) {
                Key const& key = keys[i];
                std::uint32_t const hash = spread_hash(std::hash<Key>()(key));
                std::uint32_t const number = table.find(hash, [&](std::uint32_t g) {
                    (void)of_comparisons.next(0, 1);
                    return met[g] == key;
                });
                if (number == shares.size()) [[unlikely]] {
                    if (number == most) return;
                    shares.push_back({i, 0, 0, 0, hash});
                    met.push_back(met_key<Key>(key));
                    sizes.push_back(0);
                }
                ++sizes[number];
                numbers[i] = static_cast<std::uint16_t>(number);
            }
        for (std::size_t g = 0; g != sizes.size(); ++g) shares[g].size = sizes[g];
        shares_[static_cast<std::size_t>(b)].assign(shares.begin(), shares.end());
    }

    /// Reports what a block has built, however that ends.
    template<class Value>
    struct report_members {
        std::vector<group_share> const& shares;
        std::vector<Value*> const& next;
        joined<Value> const& groups;

        ~report_members() {
            if constexpr (!std::is_trivially_destructible_v<Value>)
                for (std::size_t g = 0; g != shares.size(); ++g) {
                    auto const& members = *groups.members[static_cast<std::size_t>(shares[g].group)];
                    members.built(shares[g].offset, static_cast<std::uint64_t>(next[g] - members.data()));
                }
        }
    };

    template<class Value, class In>
    void fill_block(In const& in, std::uint64_t b, joined<Value> const& groups, std::uint64_t& at) const {
        std::vector<group_share> const& shares = shares_[static_cast<std::size_t>(b)];
        std::vector<Value*> next;
        next.reserve(shares.size());
        for (group_share const& share : shares)
            next.push_back(groups.members[static_cast<std::size_t>(share.group)]->data() + share.offset);
        report_members<Value> const reported{shares, next, groups};
        std::uint64_t i = first(b);
        report_position const report(at, i);
        std::uint16_t const* const numbers = numbers_.get();
        Value** const places = next.data();
        auto element = advanced(in, i);
        stop_pace pace;
        for (std::uint64_t const end = last(b); i != end;)
            for (std::uint64_t const part = pace.next(i, end); i != part; void(++i), ++element) {
                Value*& place = places[numbers[i]];
                ::new (static_cast<void*>(place)) Value(*element);
                ++place;
            }
    }

    Key const* keys_;
    std::uint64_t n_;
    std::uint64_t block_;
    std::vector<std::vector<group_share>> shares_; // of each block, in the order in which their keys first appear there
    std::unique_ptr<std::uint16_t[]> numbers_;
};

/// Returns the groups of elements if there are few keys. Otherwise returns nothing, and the keys are unchanged.
template<class Result, class Value, class Key, class In>
std::optional<std::vector<Result>> group_few(thread_pool& pool, In const& in, uninitialized_vector<Key> const& keys,
                                             std::uint64_t n, loop_options const& options) {
    group_blocks<Key> blocks(keys.data(), n);
    if (!blocks.number(pool, options)) return std::nullopt;
    typename group_blocks<Key>::template joined<Value> groups;
    bool are_few = false;
    run_alone(pool, n, options, [&](std::uint64_t& at) { are_few = blocks.join(groups, at); });
    if (!are_few) return std::nullopt;
    blocks.fill(pool, in, groups, options);

    constexpr std::uint64_t at_once = 64;
    std::uint64_t const count = groups.firsts.size();
    uninitialized_vector<Result> results(count);
    run_units(pool, count / at_once + (count % at_once != 0), n, options, [&](std::uint64_t unit, std::uint64_t& at) {
        std::uint64_t g = unit * at_once;
        std::uint64_t const end = count - g < at_once ? count : g + at_once;
        report_built const built(results, g);
        for (; g != end; ++g) {
            at = groups.firsts[static_cast<std::size_t>(g)];
            ::new (static_cast<void*>(results.data() + g))
                Result(std::move(keys.data()[at]), std::move(*groups.members[static_cast<std::size_t>(g)]).take());
        }
    });
    return std::move(results).take();
}

} // namespace hocket::detail
