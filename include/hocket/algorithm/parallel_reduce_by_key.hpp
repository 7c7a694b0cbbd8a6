// SPDX-License-Identifier: MIT
// parallel_reduce_by_key: one value for each run of equal keys.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/reduce_blocks.hpp>
#include <hocket/algorithm/rounds.hpp>
#include <hocket/algorithm/scan_block.hpp>
#include <hocket/algorithm/selection.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
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

/// Reduces, of each block, what belongs to the run that began before it, and the runs that begin in it as far as they go.
/// Behind an element that failed, where failures are collected, it goes on with the next run.
template<class Key, class Value, class Keys, class Values, class Op>
struct run_leaf {
    static constexpr bool resumes = true;
    Keys const& keys;
    scan_block<Value, scan_kind::inclusive, Values, Values, Op> values;
    selection const& heads; // the first element of each run
    std::optional<Value>* leading;
    uninitialized_vector<std::pair<Key, Value>> const& results;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        std::uint64_t const block = heads.cut().block;
        for (std::uint64_t i = first; i < last; i = (i / block + 1) * block) reduce_from(i, at);
    }

  private:
    void reduce_from(std::uint64_t first, std::uint64_t& at) const {
        std::uint64_t const b = first / heads.cut().block, end = heads.cut().last(b);
        std::uint64_t next = heads.rank(b), begin = end; // of the run that is open
        if (first == heads.cut().first(b))
            begin = first;
        else
            heads.for_each(b, [&](std::uint64_t head) { next += head < first ? 1U : 0U; });
        report_built const built(results, next);
        auto const end_run = [&](std::uint64_t run_end) {
            if (begin >= run_end) return;
            at = begin;
            Value sum = values.sum(at, run_end);
            if (heads.has(begin)) {
                using result = std::pair<Key, Value>;
                ::new (static_cast<void*>(results.data() + next)) result(*advanced(keys, begin), std::move(sum));
                ++next;
            } else {
                leading[b].emplace(std::move(sum));
            }
        };
        heads.for_each(b, [&](std::uint64_t head) {
            if (head < first) return;
            end_run(head);
            begin = head;
        });
        end_run(end);
    }
};

/// `heads`: the first element of each run.
template<class Key, class Value, class Keys, class Values, class Op>
std::vector<std::pair<Key, Value>> reduce_runs(thread_pool& pool, Keys const& keys, Values const& values, Op const& op,
                                               selection const& heads, loop_options const& options) {
    using result = std::pair<Key, Value>;
    block_cut const& cut = heads.cut();
    uninitialized_vector<result> results(heads.total());
    auto const leading = std::make_unique<std::optional<Value>[]>(static_cast<std::size_t>(cut.blocks));

    using leaf = run_leaf<Key, Value, Keys, Values, Op>;
    leaf const reduce{keys, {values, values, op}, heads, leading.get(), results};
    loop_errors errors(options);
    guarded_chunk<leaf> const guarded(reduce, errors);
    block_chunk<leaf> chunk(guarded, cut.n, cut.block);
    if (cut.blocks != 0) detail::run_loop(pool, cut.blocks, plan_of(cut.blocks, options.schedule, 0), chunk);
    errors.finish(cut.n);

    // Runs over several blocks, from left to right.
    run_alone(pool, cut.n, options, [&](std::uint64_t& at) {
        for (std::uint64_t b = 1; b < cut.blocks; ++b) {
            if (!leading[b]) continue;
            at = cut.first(b);
            Value& sum = results.data()[heads.rank(b) - 1].second;
            detail::fold_in(op, sum, std::move(*leading[b]));
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
/// **Throws** as `parallel_for`, with the index of the element, or one near it. A failure of `op` ends its run, as far as it lies
/// in the same block.
/// **Order** the grouping depends on size and `.grain`, the number of elements of a block up to the next multiple of 64, alone:
/// the same input gives the same bits on any machine. Elements count as done when `equal` has run.
/// **Cost** two passes over the keys and one over the values; a bit for each element, and a value for each block.
template<parallel_range Keys, parallel_range Values, class Op, class Equal = loop_options>
[[nodiscard]] auto parallel_reduce_by_key(thread_pool& pool, Keys&& keys, Values&& values, Op const& op,
                                          Equal const& given = detail::left_out<Equal>, loop_options const& last = {}) {
    auto const& equal = detail::callable_or<detail::equality>(given);
    loop_options const& options = detail::given_options(given, last);
    using equality = std::remove_cvref_t<decltype(equal)>;
    using key_iterator = detail::range_iterator<Keys>;
    using key = std::iter_value_t<key_iterator>;
    using value = std::iter_value_t<detail::range_iterator<Values>>;
    static_assert(detail::shared_callable<Op, value, value>,
                  "the op of parallel_reduce_by_key takes two values, and is const: several threads call it at once (a "
                  "lambda must not be mutable)");
    static_assert(std::convertible_to<detail::call_result<Op, value, value>, value>,
                  "the op of parallel_reduce_by_key returns something that does not convert to the type of the values");
    using key_reference = detail::range_reference<Keys>;
    static_assert(
        detail::shared_callable<equality, key_reference, key_reference>,
        "the equality of parallel_reduce_by_key takes two keys, and is const: several threads call it at once (a "
        "lambda must not be mutable)");
    static_assert(std::is_convertible_v<detail::call_result<equality, key_reference, key_reference>, bool>,
                  "the equality of parallel_reduce_by_key returns something that is no bool");
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

/// The same for the keys from `first` up to `last`, and as many values: from an iterator on, or a range.
template<class First, detail::end_of<First> Last, class Values, class Op, class Equal = loop_options>
[[nodiscard]] auto parallel_reduce_by_key(thread_pool& pool, First first, Last last, Values&& values, Op const& op,
                                          Equal const& equal = detail::left_out<Equal>,
                                          loop_options const& options = {}) {
    auto const keys = detail::between(first, last);
    if constexpr (parallel_range<Values>) {
        return hocket::parallel_reduce_by_key(pool, keys, values, op, equal, options);
    } else {
        auto const end = detail::advanced(values, detail::range_length(keys));
        return hocket::parallel_reduce_by_key(pool, keys, detail::between(values, end), op, equal, options);
    }
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Keys, parallel_range Values, class Op, class Equal = loop_options>
[[nodiscard]] auto parallel_reduce_by_key(Keys&& keys, Values&& values, Op const& op,
                                          Equal const& equal = detail::left_out<Equal>,
                                          loop_options const& options = {}) {
    return hocket::parallel_reduce_by_key(detail::current_pool(), keys, values, op, equal, options);
}
template<class First, detail::end_of<First> Last, class Values, class Op, class Equal = loop_options>
[[nodiscard]] auto parallel_reduce_by_key(First first, Last last, Values&& values, Op const& op,
                                          Equal const& equal = detail::left_out<Equal>,
                                          loop_options const& options = {}) {
    return hocket::parallel_reduce_by_key(detail::current_pool(), first, last, values, op, equal, options);
}

} // namespace hocket
