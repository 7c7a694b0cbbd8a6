// SPDX-License-Identifier: MIT
// parallel_reduce_by_key: one value for each run of equal keys.
// Public.
#pragma once

#include <hocket/algorithm/filter/selection.hpp>
#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/algorithm/scan/scan_block.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/memory/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

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

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Reduces, for each block, the rest of the run that began before it, and the runs that begin in it as far as they go.
/// If failures are collected, it goes on with the next run behind a failed element.
template<class Key, class Value, class Keys, class Values, class Op>
struct run_kernel {
    static constexpr bool resumes = true;
    Keys const& keys;
    scan_block<Value, scan_kind::inclusive, Values, Values, Op> values;
    selection const& heads; // the first element of each run
    std::optional<Value>* leading;
    uninitialized_vector<std::pair<Key, Value>> const& results;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        std::uint64_t const block = heads.cut().block;
        stop_pace pace(last - first > block);
        for (std::uint64_t i = first; i < last; i = (i / block + 1) * block) reduce_from(i, at, pace);
    }

  private:
    void reduce_from(std::uint64_t first, std::uint64_t& at, stop_pace& pace) const {
        std::uint64_t const b = first / heads.cut().block, end = heads.cut().last(b);
        std::uint64_t next = heads.rank(b), begin = end; // of the run that is open
        if (first == heads.cut().first(b))
            begin = first;
        else
            heads.for_each(b, [&](std::uint64_t head) { next += head < first ? 1U : 0U; });
        report_built const built(results, next);
        auto const end_run = [&](std::uint64_t run_end) HOCKET_INLINE_LAMBDA {
            if (begin >= run_end) return;
            at = begin;
            Value sum = values.sum(at, run_end, pace);
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

    using kernel = run_kernel<Key, Value, Keys, Values, Op>;
    kernel const reduce{keys, {values, values, op}, heads, leading.get(), results};
    loop_errors errors(options);
    guarded_chunk<kernel> const guarded(reduce, errors);
    block_chunk<kernel> chunk(guarded, cut.n, cut.block);
    if (cut.blocks != 0) detail::run_loop(pool, cut.blocks, plan_of(cut.blocks, options, 0), chunk);
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

struct parallel_reduce_by_key_fn : value_form<parallel_reduce_by_key_fn> {
    static constexpr std::size_t least = 2, most = 3;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_reduce_by_key takes the keys (a range, or two iterators), the values and an operation, "
                      "and may take an equality; a pool may come first, and options last");
    }

    template<class Keys, class Values, class Op, class Equal = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Keys&& keys, Values&& values, Op const& op,
                    Equal const& equal = left_out<Equal>) {
        if constexpr (std::random_access_iterator<std::decay_t<Values>> &&
                      !any_range<std::remove_reference_t<Values>>) {
            if constexpr (explain_random<std::remove_reference_t<Keys>>()) {
                std::decay_t<Values> const first(values);
                auto const range = detail::between(first, advanced(first, range_length(keys)));
                return reduce(pool, options, keys, range, op, equal);
            }
        } else {
            return reduce(pool, options, keys, values, op, equal);
        }
    }

  private:
    template<class Key, class Value, class Op, class Equal>
    static constexpr bool explain() {
        using value = std::remove_cvref_t<Value>;
        if constexpr (!shared_callable<Op, value, value>) {
            static_assert(says_why<Op, value, value>(), "the op of parallel_reduce_by_key takes two values");
        } else if constexpr (!shared_callable<Equal, Key, Key>) {
            static_assert(says_why<Equal, Key, Key>(), "the equality of parallel_reduce_by_key takes two keys");
        } else {
            constexpr bool returns = std::convertible_to<call_result<Op, value, value>, value>;
            constexpr bool decides = std::is_convertible_v<call_result<Equal, Key, Key>, bool>;
            static_assert(returns,
                          "the op of parallel_reduce_by_key returns something that does not convert to the type of "
                          "the values");
            static_assert(decides, "the equality of parallel_reduce_by_key does not return a bool");
            return returns && decides;
        }
        return false;
    }

    template<class Keys, class Values, class Op, class Equal>
    static auto reduce(thread_pool& pool, loop_options const& last, Keys& keys, Values& values, Op const& op,
                       Equal const& given) {
        if constexpr (explain_random<Keys>() && explain_random<Values>()) {
            using value = std::iter_value_t<range_iterator<Values>>;
            using equality_type = callable_type<equality, Equal>;
            if constexpr (explain<range_reference<Keys>, value, Op, equality_type>())
                return reduce_keys<value>(pool, given_options(given, last), keys, values, detail::callable(op),
                                          detail::callable(callable_or<equality_type>(given)));
        }
    }

    template<class Value, class Keys, class Values, class Op, class Equal>
    static auto reduce_keys(thread_pool& pool, loop_options const& options, Keys& keys, Values& values, Op const& op,
                            Equal const& equal) {
        using key_iterator = range_iterator<Keys>;
        using key = std::iter_value_t<key_iterator>;
        std::uint64_t const n = range_length(keys);
        if (range_length(values) != n)
            throw std::invalid_argument("hocket: parallel_reduce_by_key needs as many values as keys");
        check_options(options);
        auto const first_key = std::ranges::begin(keys);
        auto const first_value = std::ranges::begin(values);
        selection heads(selection_cut(n, sizeof(key) + sizeof(Value), options.grain, pool.size()));
        auto const is_head = [&equal](key_iterator const& at, std::uint64_t i) {
            return i == 0 || !static_cast<bool>(equal(at[-1], *at));
        };
        heads.select(pool, first_key, is_head, options);
        return detail::reduce_runs<key, Value>(pool, first_key, first_value, op, heads, options);
    }
};

} // namespace detail

/// Returns, for each run of neighbours with equal keys, the key of its first element and `op` over its values in their
/// order: `parallel_reduce_by_key(keys, values, op)`, `parallel_reduce_by_key(first, last, values, op, equal)`. As many
/// values as keys: a range, or behind two iterators the first of them. Ranges have the same length; else
/// `std::invalid_argument`, and nothing has run. A key that comes again after another one begins a new run, as in
/// Thrust, CUB and HPX: sort by key first, or use `parallel_group_by`, where all that is equal belongs together. `op`
/// must be associative and need not be commutative; `equal(a, b)` is an equivalence, and is asked of neighbours.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this call.
/// **Throws** as `parallel_for`, with the index of the element, or one near it. A failure of `op` ends its run, as far
/// as it lies in the same block. **Order** the grouping depends on size and `.grain`, the number of elements of a block
/// up to the next multiple of 64, alone: the same input gives the same bits on any machine. Elements count as done when
/// `equal` has run. **Cost** two passes over the keys and one over the values; a bit for each element, and a value for
/// each block.
inline constexpr detail::parallel_reduce_by_key_fn parallel_reduce_by_key{};

} // namespace hocket
