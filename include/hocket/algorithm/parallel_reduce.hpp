// SPDX-License-Identifier: MIT
// parallel_reduce and parallel_transform_reduce: one value out of all elements, the same bits on any machine.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/algorithm/reduce_blocks.hpp>
#include <hocket/algorithm/reduce_front.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket {
namespace detail {

/// The result of a front that has everything.
template<class Front>
auto take_front(Front& front, std::uint64_t n, loop_errors& errors) {
    stop_scope const scope(errors.link());
    auto result = front.take();
    errors.finish(n);
    return result;
}

/// `op` over all elements without the init: blocks first, then their results in a binary tree in the order of the range.
template<class T, class Iterator, class Op, class F>
T reduce_range(thread_pool& pool, Iterator const& begin, std::uint64_t n, Op const& op, F const& f,
               loop_options const& options, loop_errors& errors) {
    std::uint64_t const block = reduce_block(n, options.grain, joins_at_once<T, Op>);
    std::uint64_t const blocks = block_count(n, block);
    using leaf = fold_leaf<Iterator, T, Op, F>;
    leaf fold{begin, op, f, block, nullptr};
    expect(options, n);

    joined_front<T, Op> front(op);
    if constexpr (joined_front<T, Op>::fits) {
        if (options.schedule == schedule::adaptive && options.errors == error_policy::first) {
            guest_scope const guest(pool.sched(), guest_scope::lazily{});
            if (!detail::fold_front(fold, front, n, blocks, options, errors)) errors.finish(n);
            if (front.done() == blocks) return take_front(front, n, errors);
        }
    }
    auto const partials = std::make_unique<std::optional<T>[]>(static_cast<std::size_t>(blocks));
    front.move_to(partials.get());
    fold.partials = partials.get();
    guarded_chunk<leaf> const guarded(fold, errors, options.progress);
    block_chunk<leaf> chunk(guarded, n, block, front.done());
    detail::run_loop(pool, blocks - front.done(), plan_of(blocks - front.done(), options.schedule, 0), chunk);
    errors.finish(n);

    // All later levels together have as many pairs as the first. If that was over soon, they are not worth a loop each.
    ticks const start = now_ticks();
    bool short_levels = blocks <= 2;
    for (std::uint64_t stride = 1; stride < blocks; stride *= 2) {
        std::uint64_t const pairs = (blocks - stride - 1) / (2 * stride) + 1;
        combine_leaf<T, Op> const level{op, partials.get(), stride, block};
        guarded_chunk<combine_leaf<T, Op>> combine(level, errors);
        if (short_levels)
            static_cast<void>(combine(0, pairs));
        else
            detail::run_loop(pool, pairs, plan_of(pairs, schedule::adaptive, 0), combine);
        errors.finish(n);
        if (stride == 1) short_levels = now_ticks() - start < 20 * ticks_per_microsecond();
    }
    return std::move(*partials[0]);
}

} // namespace detail

/// `op` over `init` and `f(element)` for each element of `range`, grouped in any way but in the order of the range: `op`
/// must be associative and need not be commutative. `init` is used once, as the leftmost operand, and its type T is the
/// type of the sum: what `f` returns is converted to it, and `op` takes two of it. An empty range gives `init`.
/// With `.grain` the blocks that are folded one after the other have that many elements; without it the size decides.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this reduction.
/// **Throws** as `parallel_for`. The index of an `op` that fails is that of the first element on its right side, or, of
/// floating-point numbers, one near it; where failures are collected, a block with one has no result, but `f` still runs
/// for its other elements.
/// **Order** the grouping depends on size and grain alone: the same input gives the same bits on any machine.
/// **Cost** one allocation for the results of the blocks; none where all is over within half a microsecond.
template<readable_range Range, class T, class Op, class F>
[[nodiscard]] T parallel_transform_reduce(thread_pool& pool, Range&& range, T init, Op const& op, F const& f,
                                          loop_options const& options = {}) {
    using reference = detail::range_reference<Range>;
    static_assert(detail::shared_callable<F, reference>,
                  "the function of parallel_transform_reduce takes one element of the range, and is const: several "
                  "threads call it at once (a lambda must not be mutable)");
    using called = detail::call_result<F, reference>;
    static_assert(std::constructible_from<T, called>,
                  "parallel_reduce: the elements (or what the function returns) do not convert to the type of init");
    static_assert(!(std::integral<T> && std::floating_point<std::remove_cvref_t<called>>),
                  "parallel_reduce: the elements are floating-point and init is an integer, so each partial sum would "
                  "lose its fraction: give a floating-point init, 0.0");
    static_assert(detail::shared_callable<Op, T, T>,
                  "the op of parallel_reduce takes two values of the type of init, and is const: several threads call "
                  "it at once (a lambda must not be mutable)");
    static_assert(std::convertible_to<detail::call_result<Op, T, T>, T>,
                  "the op of parallel_reduce returns something that does not convert to the type of init");

    detail::elements const in(range);
    std::uint64_t const n = in.size();
    detail::check_options(options);
    detail::loop_errors errors(options);
    errors.finish(n);
    if (n == 0) return init;
    T sum = detail::reduce_range<T>(pool, in.begin(), n, op, f, options, errors);
    return static_cast<T>(op(std::move(init), std::move(sum)));
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class T, class Op, class F>
[[nodiscard]] T parallel_transform_reduce(thread_pool& pool, First first, Last last, T init, Op const& op, F const& f,
                                          loop_options const& options = {}) {
    return hocket::parallel_transform_reduce(pool, detail::between(first, last), std::move(init), op, f, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, class T, class Op, class F>
[[nodiscard]] T parallel_transform_reduce(Range&& range, T init, Op const& op, F const& f,
                                          loop_options const& options = {}) {
    return hocket::parallel_transform_reduce(detail::current_pool(), range, std::move(init), op, f, options);
}
template<class First, detail::end_of_readable<First> Last, class T, class Op, class F>
[[nodiscard]] T parallel_transform_reduce(First first, Last last, T init, Op const& op, F const& f,
                                          loop_options const& options = {}) {
    return hocket::parallel_transform_reduce(detail::current_pool(), detail::between(first, last), std::move(init), op,
                                             f, options);
}

/// `op` over `init` and all elements of `range`; as `parallel_transform_reduce` with the elements as they are.
template<readable_range Range, class T, class Op>
[[nodiscard]] T parallel_reduce(thread_pool& pool, Range&& range, T init, Op const& op,
                                loop_options const& options = {}) {
    return hocket::parallel_transform_reduce(pool, range, std::move(init), op, detail::as_it_is{}, options);
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class T, class Op>
[[nodiscard]] T parallel_reduce(thread_pool& pool, First first, Last last, T init, Op const& op,
                                loop_options const& options = {}) {
    return hocket::parallel_reduce(pool, detail::between(first, last), std::move(init), op, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, class T, class Op>
[[nodiscard]] T parallel_reduce(Range&& range, T init, Op const& op, loop_options const& options = {}) {
    return hocket::parallel_reduce(detail::current_pool(), range, std::move(init), op, options);
}
template<class First, detail::end_of_readable<First> Last, class T, class Op>
[[nodiscard]] T parallel_reduce(First first, Last last, T init, Op const& op, loop_options const& options = {}) {
    return hocket::parallel_reduce(detail::current_pool(), detail::between(first, last), std::move(init), op, options);
}

} // namespace hocket
