// SPDX-License-Identifier: MIT
// parallel_group_by: the elements of a range brought together by a key.
// Public.
#pragma once

#include <hocket/algorithm/filter/selection.hpp>
#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/algorithm/group/group_blocks.hpp>
#include <hocket/algorithm/group/group_parts.hpp>
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/memory/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {
namespace detail {

template<class Key>
concept hashable_key = requires(Key const& key) {
    { std::hash<Key>()(key) } -> std::convertible_to<std::size_t>;
    { key == key } -> std::convertible_to<bool>;
};

/// One group while it is collected: the position of its first key, and its elements.
template<class Value>
struct open_group {
    std::uint64_t first;
    std::uint64_t size = 0;
    std::vector<Value> members{};
};

/// Where an element belongs: the number of its group within its part, and whether it is the group's first.
class membership {
  public:
    void set(std::uint64_t group, bool is_first) noexcept { bits_ = group * 2 + (is_first ? 1U : 0U); }
    [[nodiscard]] std::size_t group() const noexcept { return static_cast<std::size_t>(bits_ / 2); }
    [[nodiscard]] bool is_first() const noexcept { return bits_ % 2 != 0; }

  private:
    std::uint64_t bits_;
};

/// Fills the groups of a part in the order of the range.
template<class Value, class In, class Key>
std::vector<open_group<Value>> collect_part(In const& in, Key const* keys, std::uint32_t const* hashes,
                                            std::uint64_t const* begin, std::uint64_t const* end,
                                            membership* memberships, std::uint64_t& at) {
    std::vector<open_group<Value>> groups;
    key_table<std::uint64_t> table;
    stop_pace pace;
    pace_of_keys<Key> of_comparisons; // the first elements may need none of these
    for (std::uint64_t const* position = begin; position != end; ++position) {
        std::uint64_t const i = at = *position;
        (void)pace.next(0, 1);
        std::uint64_t const group = table.find(hashes[i], [&](std::uint64_t g) {
            (void)of_comparisons.next(0, 1);
            return static_cast<bool>(keys[groups[static_cast<std::size_t>(g)].first] == keys[i]);
        });
        bool const is_new = group == groups.size();
        if (is_new) groups.push_back({i});
        ++groups[static_cast<std::size_t>(group)].size;
        memberships[i].set(group, is_new);
    }
    for (open_group<Value>& group : groups) group.members.reserve(static_cast<std::size_t>(group.size));
    stop_pace of_copies;
    for (std::uint64_t const* position = begin; position != end; ++position) {
        std::uint64_t const i = at = *position;
        (void)of_copies.next(0, 1);
        groups[memberships[i].group()].members.emplace_back(*advanced(in, i));
    }
    return groups;
}

/// Returns the groups of elements if there are many keys.
template<class Result, class Value, class Key, class In>
std::vector<Result> group_many(thread_pool& pool, In const& in, uninitialized_vector<Key> const& keys, std::uint64_t n,
                               loop_options const& rest) {
    std::unique_ptr<std::uint32_t[]> const hashes(new std::uint32_t[static_cast<std::size_t>(n)]);
    auto const hash_block = [&](std::uint64_t first, std::uint64_t last, std::uint64_t& at) {
        stop_pace pace;
        for (std::uint64_t i = first; i != last;)
            for (std::uint64_t const part = pace.next(i, last); i != part; ++i) {
                at = i;
                hashes[i] = spread_hash(std::hash<Key>()(std::as_const(keys.data()[i])));
            }
    };
    block_cut const cut = selection_cut(n, sizeof(Value), 0, pool.size());
    run_units(pool, cut.blocks, n, rest,
              [&](std::uint64_t b, std::uint64_t& at) { hash_block(cut.first(b), cut.last(b), at); });

    hash_parts const parts(pool, hashes.get(), n, rest);
    std::unique_ptr<membership[]> const memberships(new membership[static_cast<std::size_t>(n)]);
    std::vector<std::vector<open_group<Value>>> groups(static_cast<std::size_t>(parts.count()));
    run_units(pool, parts.count(), n, rest, [&](std::uint64_t p, std::uint64_t& at) {
        groups[static_cast<std::size_t>(p)] =
            collect_part<Value>(in, keys.data(), hashes.get(), parts.begin(p), parts.end(p), memberships.get(), at);
    });

    selection firsts(cut);
    firsts.select(
        pool, in, [&](In const&, std::uint64_t i) { return memberships[i].is_first(); }, rest);
    uninitialized_vector<Result> results(firsts.total());
    run_units(pool, cut.blocks, n, rest, [&](std::uint64_t b, std::uint64_t& at) {
        std::uint64_t rank = firsts.rank(b);
        report_built const built(results, rank);
        firsts.for_each(b, [&](std::uint64_t i) {
            at = i;
            open_group<Value>& group = groups[static_cast<std::size_t>(parts.part_of(i))][memberships[i].group()];
            ::new (static_cast<void*>(results.data() + rank))
                Result(std::move(keys.data()[i]), std::move(group.members));
            ++rank;
        });
    });
    return std::move(results).take();
}

template<class Key, class Value, class In, class F>
std::vector<std::pair<Key, std::vector<Value>>> group_range(thread_pool& pool, In const& in, std::uint64_t n,
                                                            F const& f, loop_options const& options) {
    using result = std::pair<Key, std::vector<Value>>;
    uninitialized_vector<Key> keys(n);
    detail::guarded_loop(pool, n, options, construct_kernel<In, F, Key>{in, f, keys});
    if (n == 0) return {};
    loop_options const rest{.schedule = options.schedule,
                            .stop = options.stop,
                            .timeout = options.timeout,
                            .max_workers = options.max_workers,
                            .name = options.name};
    if (auto few = group_few<result, Value>(pool, in, keys, n, rest)) return *std::move(few);
    return group_many<result, Value>(pool, in, keys, n, rest);
}

struct parallel_group_by_fn : value_form<parallel_group_by_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_group_by takes a range (or two iterators, or two integers) and a key; a "
                                     "pool may come first, and options last");
    }

    template<class Range, class Key>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Key const& key) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_readable<source>()) {
            using reference = range_reference<source>;
            if constexpr (!shared_callable<Key, reference>) {
                static_assert(says_why<Key, reference>(),
                              "the key of parallel_group_by takes one element of the range");
            } else {
                using key_type = std::remove_cvref_t<call_result<Key, reference>>;
                constexpr bool hashes = hashable_key<key_type>;
                static_assert(hashes, "the key of parallel_group_by has no std::hash, or no ==");
                if constexpr (hashes) {
                    check_options(options);
                    elements const in(range);
                    return detail::group_range<key_type, std::iter_value_t<range_iterator<source>>>(
                        pool, in.begin(), in.size(), detail::callable(key), options);
                }
            }
        }
    }
};

} // namespace detail

/// Returns the elements of a range for which `key(element)` is equal, brought together: a vector of pairs of a key and
/// a vector of copies of its elements. `parallel_group_by(range, key)`; the range may be two iterators or two integers.
/// The keys are in the order in which they first appear in the range, and the elements of each in the order of the
/// range. Keys have `std::hash` and `==`. Use `parallel_reduce_by_key` where only neighbours belong together.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this call.
/// **Throws** as `parallel_for`; where failures are collected, those of `key`. **Order** none between the calls; all of
/// them happen before the return. `.grain` and `.progress` are those of the calls of `key`, with which the work begins.
/// **Cost** `key` runs once for each element; besides the result, a key and up to 20 bytes for each element. Where keys
/// are few, it is a key and 2 bytes, with 40 bytes for each key of each block and up to 200 for each key, and all
/// threads collect elements. That is where no block (a 256th of the range, but 16 Ki elements or more, and 512 Ki or
/// fewer) has more than a key for 8 of its elements, and all have no more than a key for 32. Else the elements of a key
/// are collected by one thread.
inline constexpr detail::parallel_group_by_fn parallel_group_by{};

} // namespace hocket
