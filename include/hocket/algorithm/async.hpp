// SPDX-License-Identifier: MIT
// The algorithms as futures: async(algorithms::sort, v), and map_async.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/parallel_map.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/task/future.hpp>
#include <hocket/task/submit.hpp>

#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket {

/// The algorithms as objects, to be handed to `async`: `algorithms::sort(pool, v)` is `parallel_sort(pool, v)`. The header of the
/// algorithm itself has to be included where one is used. There is none of `parallel_for`, as `for` is a keyword: `for_each`,
/// `for_chunks`, or a lambda that takes the pool.
namespace algorithms {

// They find the algorithm when they are used, by the pool that is their first argument.
inline constexpr auto for_chunks = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_for_chunks(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_for_chunks(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto for_each = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_for_each(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_for_each(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto map = [](thread_pool & pool, auto&&... args) requires requires {
    hocket::parallel_map(pool, std::forward<decltype(args)>(args)...);
}
{ return hocket::parallel_map(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto starmap = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_starmap(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_starmap(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto reduce = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_reduce(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_reduce(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto transform_reduce = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_transform_reduce(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_transform_reduce(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto inclusive_scan = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_inclusive_scan(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_inclusive_scan(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto exclusive_scan = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_exclusive_scan(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_exclusive_scan(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto sort = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_sort(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_sort(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto stable_sort = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_stable_sort(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_stable_sort(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto merge = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_merge(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_merge(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto nth_element = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_nth_element(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_nth_element(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto copy_if = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_copy_if(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_copy_if(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto partition = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_partition(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_partition(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto unique = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_unique(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_unique(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto remove_if = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_remove_if(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_remove_if(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto find_if = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_find_if(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_find_if(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto any_of = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_any_of(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_any_of(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto all_of = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_all_of(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_all_of(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto none_of = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_none_of(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_none_of(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto count_if = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_count_if(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_count_if(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto min_element = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_min_element(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_min_element(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto max_element = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_max_element(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_max_element(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto minmax_element = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_minmax_element(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_minmax_element(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto histogram = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_histogram(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_histogram(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto group_by = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_group_by(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_group_by(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto reduce_by_key = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_reduce_by_key(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_reduce_by_key(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto fill = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_fill(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_fill(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto copy = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_copy(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_copy(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto generate = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_generate(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_generate(pool, std::forward<decltype(args)>(args)...); };
inline constexpr auto iota = [](thread_pool & pool, auto&&... args) requires requires {
    parallel_iota(pool, std::forward<decltype(args)>(args)...);
}
{ return parallel_iota(pool, std::forward<decltype(args)>(args)...); };
} // namespace algorithms

namespace detail {

/// What an asynchronous algorithm is given: a range that somebody else owns is referred to, all else is kept.
template<class Arg>
using async_argument = std::conditional_t<std::is_lvalue_reference_v<Arg> && any_range<std::remove_reference_t<Arg>>,
                                          Arg, std::decay_t<Arg>>;

/// As what the algorithm gets it.
template<class Arg>
using async_lvalue = std::add_lvalue_reference_t<async_argument<Arg>>;

template<class Algorithm, class... Args>
concept pool_algorithm = std::invocable<Algorithm const&, thread_pool&, async_lvalue<Args>...>;

} // namespace detail

/// Starts `algorithm(pool, args...)` as a task and returns the future of its result: an object of the namespace `algorithms`, or
/// any callable that takes a thread_pool& first.
/// `future<void> sorted = async(algorithms::sort, values);`
/// `future<double> sum = async(algorithms::reduce, std::vector{1.0, 2.0}, 0.0, plus, loop_options{.stop = token});`
/// A range that is given as an lvalue is referred to, and has to live, untouched, until the future is ready; a temporary moves
/// into the task, and other arguments are copied or moved. A temporary ends with the task: an iterator into it that an algorithm
/// returns is good for nothing.
/// **Threads** any. **Blocks** never. **Throws** as `submit`; what the algorithm throws comes out of the future. **Order** what was
/// done before the call happens before the algorithm. **Cost** that of `submit`, and of the algorithm.
template<class Algorithm, class... Args>
    requires detail::pool_algorithm<Algorithm, Args...>
auto async(thread_pool& pool, Algorithm const& algorithm, Args&&... args) {
    return submit(pool, [&pool, algorithm,
                         kept = std::tuple<detail::async_argument<Args>...>(std::forward<Args>(args)...)]() mutable {
        return std::apply([&](auto&... each) { return algorithm(pool, each...); }, kept);
    });
}

/// The same on the pool whose worker is calling, else on the default pool.
template<class Algorithm, class... Args>
    requires detail::pool_algorithm<Algorithm, Args...>
auto async(Algorithm const& algorithm, Args&&... args) {
    return hocket::async(detail::current_pool(), algorithm, std::forward<Args>(args)...);
}

/// `parallel_map(range, f)` as a future of the vector: Python's map_async; `.then(...)` is its callback. As `async`.
template<readable_range Range, class F>
[[nodiscard]] auto map_async(thread_pool& pool, Range&& range, F&& f, loop_options const& options = {}) {
    return hocket::async(pool, algorithms::map, std::forward<Range>(range), std::forward<F>(f), options);
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class F>
[[nodiscard]] auto map_async(thread_pool& pool, First first, Last last, F&& f, loop_options const& options = {}) {
    return hocket::async(pool, algorithms::map, first, last, std::forward<F>(f), options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, class F>
[[nodiscard]] auto map_async(Range&& range, F&& f, loop_options const& options = {}) {
    return hocket::map_async(detail::current_pool(), std::forward<Range>(range), std::forward<F>(f), options);
}
template<class First, detail::end_of_readable<First> Last, class F>
[[nodiscard]] auto map_async(First first, Last last, F&& f, loop_options const& options = {}) {
    return hocket::map_async(detail::current_pool(), first, last, std::forward<F>(f), options);
}

} // namespace hocket
