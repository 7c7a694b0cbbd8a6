// SPDX-License-Identifier: MIT
// The algorithms as futures: async(parallel_sort, v), and map_async.
// Public.
#pragma once

#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/base/anything.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// The type in which an asynchronous algorithm keeps an argument: a reference to a range that its owner keeps alive,
/// and a copy of all else.
template<class Arg>
using async_argument = std::conditional_t<std::is_lvalue_reference_v<Arg> && any_range<std::remove_reference_t<Arg>>,
                                          Arg, std::decay_t<Arg>>;

/// Passes a kept argument to the algorithm.
template<class Arg>
using async_lvalue = std::add_lvalue_reference_t<async_argument<Arg>>;

/// Whether the call fits. An algorithm explains its wrong calls by itself; other callables are checked here.
template<class Algorithm, class... Args>
concept pool_algorithm =
    std::is_base_of_v<call_form_base, std::remove_cvref_t<Algorithm>> || std::invocable < std::decay_t<Algorithm>
&, thread_pool&, async_lvalue<Args>... > ;

} // namespace detail

/// Starts `algorithm(pool, args...)` as a task and returns the future of its result: an algorithm, or any callable that
/// takes a thread_pool& first. A pool to run on may stand before them.
/// `future<void> sorted = async(parallel_sort, values);` `future<double> sum = async(parallel_reduce, std::vector{1.0,
/// 2.0}, 0.0, plus, loop_options{.stop = token});` An lvalue range is held by reference, and has to live, untouched,
/// until the future is ready. A temporary moves into the task, and other arguments are copied or moved. A temporary
/// ends with the task, so an iterator into it that an algorithm returns is invalid. **Threads** any. **Blocks** never.
/// **Throws** as `submit`; exceptions of the algorithm come out of the future. **Order** effects before the call happen
/// before the algorithm. **Cost** that of `submit`, and of the algorithm.
template<class Algorithm, class... Args>
    requires detail::pool_algorithm<Algorithm, Args...>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto async(thread_pool& pool, Algorithm&& algorithm, Args&&... args) {
    return submit(pool, [&pool, called = std::decay_t<Algorithm>(std::forward<Algorithm>(algorithm)),
                         kept = std::tuple<detail::async_argument<Args>...>(std::forward<Args>(args)...)]() mutable {
        return std::apply([&](auto&... each) { return detail::call_once(called, pool, each...); }, kept);
    });
}

template<class Algorithm, class... Args>
    requires detail::pool_algorithm<Algorithm, Args...>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto async(Algorithm&& algorithm, Args&&... args) {
    return hocket::async(detail::current_pool(), std::forward<Algorithm>(algorithm), std::forward<Args>(args)...);
}

namespace detail {

struct async_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>,
                      "hocket: async takes an algorithm and its arguments, as in async(parallel_sort, v), or another "
                      "callable that takes a thread_pool& first: for other callables write submit(f)");
        return true;
    }
};

} // namespace detail

/// Says what async takes.
inline void async(detail::anything<detail::async_usage>, detail::anything_else = {}, detail::anything_else = {},
                  detail::anything_else = {}, detail::anything_else = {}, detail::anything_else = {}) {}

namespace detail {

struct map_async_fn : value_form<map_async_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "map_async takes a range (or two iterators, or two integers) and a function; a "
                                     "pool may come first, and options last");
    }

    template<class Range, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, F&& f) {
        return hocket::async(pool, parallel_map, std::forward<Range>(range), std::forward<F>(f), options);
    }
};

} // namespace detail

/// Returns `parallel_map(range, f)` as a future of the vector: Python's map_async; `.then(...)` is its callback. The
/// range may be two iterators or two integers. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `async`.
inline constexpr detail::map_async_fn map_async{};

} // namespace hocket
