// SPDX-License-Identifier: MIT
// parallel_reduce_by_key: one value for each run of equal keys.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/reduce_blocks.hpp>
#include <hocket/algorithm/rounds.hpp>
#include <hocket/algorithm/scan_block.hpp>
#include <hocket/algorithm/selection.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/base/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket {
namespace detail {

/// `heads`: the first element of each run.
template<class Key, class Value, class Keys, class Values, class Op>
std::vector<std::pair<Key, Value>> reduce_runs(thread_pool& pool, Keys const& keys, Values const& values, Op const& op,
                                               selection const& heads, loop_options const& options) {
    using result = std::pair<Key, Value>;
    block_cut const& cut = heads.cut();
    uninitialized_vector<result> results(heads.total());
    auto const leading = std::make_unique<std::optional<Value>[]>(static_cast<std::size_t>(cut.blocks));
    scan_block<Value, scan_kind::inclusive, Values, Values, Op> const block{values, values, op};

    // Of each block: what belongs to the run that began before it, and the runs that begin in it as far as they go.
    run_units(pool, cut.blocks, cut.n, options, [&](std::uint64_t b, std::uint64_t& at) {
        std::uint64_t next = heads.rank(b);
        report_built const built(results, next);
        std::uint64_t head = cut.first(b);
        bool any = heads.has(head);
        auto const end_run = [&](std::uint64_t end) {
            at = head;
            Value sum = block.sum(at, end);
            if (!any) {
                leading[b].emplace(std::move(sum));
            } else {
                ::new (static_cast<void*>(results.data() + next)) result(*advanced(keys, head), std::move(sum));
                ++next;
            }
            any = true;
            head = end;
        };
        heads.for_each(b, [&](std::uint64_t i) {
            if (i != head) end_run(i);
        });
        end_run(cut.last(b));
    });

    // Runs over several blocks, from left to right.
    run_alone(cut.n, options, [&](std::uint64_t& at) {
        for (std::uint64_t b = 1; b < cut.blocks; ++b) {
            if (!leading[b]) continue;
            at = cut.first(b);
            Value& sum = results.data()[heads.rank(b) - 1].second;
            fold_in(op, sum, std::move(*leading[b]));
        }
    });
    return std::move(results).take();
}

} // namespace detail

/// For each run of neighbours with equal keys: the key of its first element, and `op` over its values in their order. `keys`
/// and `values` have the same length; else `std::invalid_argument`, and nothing has run. A key that comes again after
/// another one begins a new run, as in Thrust, CUB and HPX: sort by key first, or use `parallel_group_by`, where all
/// that is equal belongs together. `op` must be associative and need not be commutative; `equal(a, b)` is an equivalence,
/// and is asked of neighbours.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this call.
/// **Throws** as `parallel_for`, with the index of the element, or one near it. A failure of `op` ends the chunk of blocks in
/// which it is, also where failures are collected: the list has one of each chunk.
/// **Order** the grouping depends on size and `.grain`, the number of elements of a block up to the next multiple of 64, alone:
/// the same input gives the same bits on any machine. `.progress` is not told.
/// **Cost** two passes over the keys and one over the values; a bit for each element, and a value for each block.
template<parallel_range Keys, parallel_range Values, class Op, class Equal>
    requires detail::shared_callable<Equal, detail::range_reference<Keys>, detail::range_reference<Keys>>
[[nodiscard]] auto parallel_reduce_by_key(thread_pool& pool, Keys&& keys, Values&& values, Op const& op,
                                          Equal const& equal, loop_options const& options = {}) {
    using key_iterator = detail::range_iterator<Keys>;
    using key = std::iter_value_t<key_iterator>;
    using value = std::iter_value_t<detail::range_iterator<Values>>;
    static_assert(detail::shared_callable<Op, value, value>,
                  "the op of parallel_reduce_by_key takes two values, and is const: several threads call it at once (a "
                  "lambda must not be mutable)");
    static_assert(std::convertible_to<detail::call_result<Op, value, value>, value>,
                  "the op of parallel_reduce_by_key returns something that does not convert to the type of the values");
    std::uint64_t const n = detail::range_length(keys);
    if (detail::range_length(values) != n)
        throw std::invalid_argument("hocket: parallel_reduce_by_key of a different number of keys and values");
    detail::check_options(options);
    auto const first_key = std::ranges::begin(keys);
    auto const first_value = std::ranges::begin(values);
    detail::selection heads(detail::selection_cut(n, sizeof(key) + sizeof(value), options.grain, pool.size()));
    auto const is_head = [&equal](key_iterator const& at, std::uint64_t i) {
        return i == 0 || !static_cast<bool>(equal(at[-1], *at));
    };
    heads.select(pool, first_key, is_head, options);
    return detail::reduce_runs<key, value>(pool, first_key, first_value, op, heads, options);
}

/// The same where `==` says what is equal.
template<parallel_range Keys, parallel_range Values, class Op>
[[nodiscard]] auto parallel_reduce_by_key(thread_pool& pool, Keys&& keys, Values&& values, Op const& op,
                                          loop_options const& options = {}) {
    return parallel_reduce_by_key(
        pool, keys, values, op, [](auto const& a, auto const& b) { return a == b; }, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Keys, parallel_range Values, class Op, class Equal>
    requires detail::shared_callable<Equal, detail::range_reference<Keys>, detail::range_reference<Keys>>
[[nodiscard]] auto parallel_reduce_by_key(Keys&& keys, Values&& values, Op const& op, Equal const& equal,
                                          loop_options const& options = {}) {
    return parallel_reduce_by_key(detail::current_pool(), keys, values, op, equal, options);
}

template<parallel_range Keys, parallel_range Values, class Op>
[[nodiscard]] auto parallel_reduce_by_key(Keys&& keys, Values&& values, Op const& op,
                                          loop_options const& options = {}) {
    return parallel_reduce_by_key(detail::current_pool(), keys, values, op, options);
}

} // namespace hocket
