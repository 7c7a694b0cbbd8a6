// SPDX-License-Identifier: MIT
// parallel_count_if, parallel_count: how many elements satisfy a predicate, or are equal to a value.
// Public.
#pragma once

#include <hocket/algorithm/forms/value_test.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// 1 for an element that counts.
template<class Pred, class Proj>
struct one_if {
    hot_callable<Pred> pred;
    hot_callable<Proj> proj;

    template<class Element>
    std::uint64_t operator()(Element&& element) const {
        return static_cast<bool>(detail::call(pred, detail::call(proj, std::forward<Element>(element)))) ? 1U : 0U;
    }
};

struct plus_counts {
    constexpr std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const noexcept { return a + b; }
};

struct parallel_count_if_fn : value_form<parallel_count_if_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_count_if takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static std::uint64_t run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                             Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        using projection = callable_type<as_it_is, Proj>;
        if constexpr (explain_readable<source>()) {
            if constexpr (check_predicate<source, Pred, projection>())
                return detail::reduce_all<std::uint64_t>(
                    pool, detail::given_options(proj, options), range, std::uint64_t{0}, plus_counts{},
                    one_if<Pred, projection>{pred, detail::callable_or<projection>(proj)});
        }
        return 0;
    }
};

struct parallel_count_fn : value_form<parallel_count_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_count takes a range (or two iterators, or two integers) and a value, "
                                     "and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class T, class Proj = loop_options>
    static std::uint64_t run(thread_pool& pool, loop_options const& options, Range&& range, T const& value,
                             Proj const& proj = left_out<Proj>) {
        if constexpr (explain_value<std::remove_reference_t<Range>, T, callable_type<as_it_is, Proj>>())
            return parallel_count_if_fn::run(pool, options, range, is_value<T>{value}, proj);
        return 0;
    }
};

} // namespace detail

/// Returns for how many elements of a range `pred(proj(element))` holds: `parallel_count_if(range, pred)`; the range
/// may be two iterators or two integers. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_transform_reduce`.
inline constexpr detail::parallel_count_if_fn parallel_count_if{};

/// Returns for how many elements of a range `proj(element) == value`: `parallel_count(range, value)`; the range may be
/// two iterators or two integers. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_transform_reduce`.
inline constexpr detail::parallel_count_fn parallel_count{};

} // namespace hocket
