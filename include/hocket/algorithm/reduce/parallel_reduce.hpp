// SPDX-License-Identifier: MIT
// parallel_reduce and parallel_transform_reduce: one value out of all elements, the same bits on any machine.
// Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/algorithm/reduce/reduce_front.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory> // declares std::plus as well, without all of <functional>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// The result of a front that has everything.
template<class Front>
auto take_front(Front& front, std::uint64_t n, loop_errors& errors) {
    stop_scope const scope(errors.link());
    auto result = front.take();
    errors.finish(n);
    return result;
}

/// Reduces all elements by `op`, without the initial value: first the blocks, then their results in a binary tree in
/// the order of the range.
template<class T, class Iterator, class Op, class F>
T reduce_range(thread_pool& pool, Iterator const& begin, std::uint64_t n, Op const& op, F const& f,
               loop_options const& options, loop_errors& errors) {
    std::uint64_t const block = reduce_block(n, options.grain, joins_at_once<T, Op>);
    std::uint64_t const blocks = block_count(n, block);
    using kernel = fold_kernel<Iterator, T, Op, F>;
    kernel fold{begin, op, f, block, nullptr};
    expect(options, n);

    joined_front<T, Op> front(op);
    std::unique_ptr<std::optional<T>[]> partials;
    if constexpr (joined_front<T, Op>::fits) {
        if (options.schedule == schedule::adaptive && options.errors == error_policy::first) {
            pool_entry entry(pool.sched(), pool_entry::lazily{});
            front_rest<T, kernel> rest(fold, n, blocks, errors, options.progress);
            if (!detail::fold_front<T>(entry, fold, front, n, blocks, options, errors, rest)) errors.finish(n);
            if (front.done() == blocks) return take_front(front, n, errors);
            partials = rest.take();
            errors.finish(n);
        }
    }
    bool const folded = partials != nullptr;
    if (!folded) partials = std::make_unique<std::optional<T>[]>(static_cast<std::size_t>(blocks));
    front.move_to(partials.get());
    fold.partials = partials.get();
    guarded_chunk<kernel> const guarded(fold, errors, options.progress);
    block_chunk<kernel> chunk(guarded, n, block, front.done());
    if (!folded) detail::run_loop(pool, blocks - front.done(), plan_of(blocks - front.done(), options, 0), chunk);
    errors.finish(n);

    // All later levels together have as many pairs as the first. If that was over soon, they are not worth a loop each.
    ticks const start = now_ticks();
    bool short_levels = blocks <= 2;
    for (std::uint64_t stride = 1; stride < blocks; stride *= 2) {
        std::uint64_t const pairs = (blocks - stride - 1) / (2 * stride) + 1;
        combine_kernel<T, Op> const level{op, partials.get(), stride, block};
        guarded_chunk<combine_kernel<T, Op>> combine(level, errors);
        if (short_levels)
            static_cast<void>(combine(0, pairs));
        else
            detail::run_loop(pool, pairs, loop_plan{.max_workers = options.max_workers}, combine);
        errors.finish(n);
        if (stride == 1) short_levels = now_ticks() - start < 20 * ticks_per_microsecond();
    }
    return std::move(*partials[0]);
}

/// Says what is wrong with the types of a reduction; false if there is something.
template<class T, class Element, class Op>
constexpr bool explain_reduction() {
    constexpr bool converts = std::constructible_from<T, Element>;
    if constexpr (!converts && (shared_callable<T, Element, Element> || shared_callable<T, Op, Op>))
        static_assert(converts, "parallel_reduce: the initial value comes before the operation");
    else
        static_assert(
            converts,
            "parallel_reduce: the elements (or what the function returns) do not convert to the type of init");
    constexpr bool truncates = std::integral<T> && std::floating_point<std::remove_cvref_t<Element>>;
    static_assert(!truncates,
                  "parallel_reduce: the elements are floating-point and init is an integer, so each partial sum would "
                  "lose its fraction: give a floating-point init, 0.0");
    constexpr bool fits = shared_callable<Op, T, T>;
    if constexpr (std::is_same_v<Op, std::plus<>>)
        static_assert(fits || !converts,
                      "parallel_reduce without an operation adds, and these values have no operator+: give "
                      "an init and an operation");
    else if constexpr (!fits && converts)
        static_assert(says_why<Op, T, T>(), "the op of parallel_reduce takes two values of the type of init");
    if constexpr (converts && fits && !truncates) {
        constexpr bool returns = std::convertible_to<call_result<Op, T, T>, T>;
        static_assert(returns, "the op of parallel_reduce returns something that does not convert to the type of init");
        return returns;
    }
    return false;
}

/// Checks the types, and reduces a range.
template<class T, class Range, class Op, class F>
auto reduce_all(thread_pool& pool, loop_options const& options, Range& range, T init, Op const& op, F const& f) {
    static_assert(readable_range<Range>, "parallel_reduce reads each element from any thread, so its input must be one "
                                         "that can be read more than once");
    if constexpr (readable_range<Range>) {
        if constexpr (!shared_callable<F, range_reference<Range>>) {
            static_assert(says_why_not_element<F, range_reference<Range>>(),
                          "the function of parallel_transform_reduce takes one element of the range");
        } else {
            if constexpr (explain_reduction<T, call_result<F, range_reference<Range>>, Op>()) {
                elements const in(range);
                std::uint64_t const n = in.size();
                check_options(options);
                loop_errors errors(options);
                errors.finish(n);
                if (n == 0) return init;
                T sum = detail::reduce_range<T>(pool, in.begin(), n, op, f, options, errors);
                return static_cast<T>(op(std::move(init), std::move(sum)));
            }
        }
    }
}

/// Calls a function of two elements: those of two ranges at one position.
template<class A, class B, class F>
struct call_at {
    A a;
    B b;
    F const& f;
    decltype(auto) operator()(std::uint64_t i) const {
        return detail::call(f, *detail::advanced(a, i), *detail::advanced(b, i));
    }
};

struct parallel_transform_reduce_fn : value_form<parallel_transform_reduce_fn> {
    static constexpr std::size_t least = 2, most = 4, after_step = 3;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_transform_reduce takes a range (or two iterators, or two integers), an initial value, "
                      "an operation and a function, or two ranges and an initial value, and perhaps an operation and a "
                      "function of two elements; a pool may come first, and options last");
    }
    template<class Range, class T, class Op, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T&& init, Op const& op, F const& f) {
        return detail::reduce_all<std::decay_t<T>>(pool, options, range, std::forward<T>(init), detail::callable(op),
                                                   f);
    }
    template<class A, class B, class T>
    static auto run(thread_pool& pool, loop_options const& options, A&& a, B&& b, T&& init) {
        return reduce_pairs<A>(pool, options, a, b, std::forward<T>(init), std::plus<>(), std::multiplies<>());
    }
    template<class A, class B, class T, class Op, class F>
    static auto run(thread_pool& pool, loop_options const& options, A&& a, B&& b, T&& init, Op const& op, F const& f) {
        return reduce_pairs<A>(pool, options, a, b, std::forward<T>(init), detail::callable(op), f);
    }

  private:
    template<class Given, class A, class B, class T, class Op, class F>
    static auto reduce_pairs(thread_pool& pool, loop_options const& options, A& a, B& b, T&& init, Op const& op,
                             F const& f) {
        if constexpr (!readable_range<A> || !(readable_range<B> || std::random_access_iterator<std::decay_t<B>>)) {
            usage<Given>();
        } else {
            elements const in(a);
            if constexpr (readable_range<B>) {
                elements const second(b);
                if (second.size() < in.size())
                    throw std::invalid_argument(
                        "hocket: the second range of parallel_transform_reduce is shorter than the first");
                return between(pool, options, in, second.begin(), std::forward<T>(init), op, f);
            } else {
                return between(pool, options, in, std::decay_t<B>(b), std::forward<T>(init), op, f);
            }
        }
    }

    template<class A, class B, class T, class Op, class F>
    static auto between(thread_pool& pool, loop_options const& options, elements<A> const& a, B const& b, T&& init,
                        Op const& op, F const& f) {
        using from_a = range_reference<A>;
        using from_b = std::iter_reference_t<B>;
        if constexpr (shared_callable<F, from_a, from_b>) {
            index_range<std::uint64_t> const positions(0, a.size());
            call_at<typename elements<A>::iterator, B, F> const g{a.begin(), b, f};
            return detail::reduce_all<std::decay_t<T>>(pool, options, positions, std::forward<T>(init), op, g);
        } else if constexpr (std::is_same_v<F, std::multiplies<>>) {
            static_assert(never<F>, "parallel_transform_reduce of two ranges without a function multiplies their "
                                    "elements, which have no operator*: give an operation and a function");
        } else {
            static_assert(says_why<F, from_a, from_b>(),
                          "the function of parallel_transform_reduce takes one element of each range");
        }
    }
};

struct parallel_reduce_fn : value_form<parallel_reduce_fn> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_reduce takes a range (or two iterators, or two integers), and may take "
                                     "an initial value and an operation; a pool may come first, and options last");
    }
    template<class Range, class T = loop_options, class Op = std::plus<>>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T&& init = {}, Op const& op = {}) {
        if constexpr (std::is_same_v<std::remove_cvref_t<T>, loop_options>) {
            using value = std::iter_value_t<range_iterator<Range>>;
            constexpr bool begins = std::default_initializable<value>;
            static_assert(begins, "parallel_reduce without an initial value begins with a default one, which these "
                                  "elements do not have: give an initial value and an operation");
            if constexpr (begins)
                return detail::reduce_all<value>(pool, options, range, value(), detail::callable(op), as_it_is());
        } else {
            return detail::reduce_all<std::decay_t<T>>(pool, options, range, std::forward<T>(init),
                                                       detail::callable(op), as_it_is());
        }
    }
};

} // namespace detail

/// Returns `op` over an initial value and the results of a function for each element of a range:
/// `parallel_transform_reduce(range, init, op, f)`. The range may be two iterators or two integers. With two ranges,
/// `parallel_transform_reduce(a, b, init, op, f)`, `f` takes the elements at equal positions.
/// `parallel_transform_reduce(a, b, init)` adds their products. The second may be one iterator; a second range that is
/// shorter than the first throws `std::invalid_argument`. The grouping is
/// any, but in the order of the range: `op` must be associative and need not be commutative. `init` is used once, as
/// the leftmost operand, and its type T is the type of the sum: results of `f` are converted to it, and `op` takes two
/// of it. An empty range gives `init`. With `.grain` the blocks that are folded serially have that many elements;
/// without it the size decides. **Threads** any; the caller takes part. **Blocks** until all work has finished, and
/// helps only with this reduction. **Throws** as `parallel_for`. The index of an `op` that fails is that of the first
/// element on its right side, or, for floating-point numbers, of an element near it. If failures are collected, a block
/// with a failure has no result, but `f` still runs for its other elements. **Order** the grouping depends on size and
/// grain alone: the same input gives the same bits on any machine. **Cost** one allocation for the results of the
/// blocks; none if all work takes less than half a microsecond.
inline constexpr detail::parallel_transform_reduce_fn parallel_transform_reduce{};

/// Returns `op` over an initial value and all elements of a range: `parallel_reduce(range, init, op)`. As
/// `std::reduce`, it adds if no operation is given, and begins with a default value if none is given:
/// `parallel_reduce(range)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_transform_reduce`
/// with the elements themselves.
inline constexpr detail::parallel_reduce_fn parallel_reduce{};

} // namespace hocket
