// SPDX-License-Identifier: MIT
// parallel_is_sorted, parallel_is_heap, parallel_is_partitioned and their like: whether a range is in an order.
// Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/reduce/parallel_count_if.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/projection.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Selects the element that must not be less than the element at position i: the one before it.
struct element_before {
    constexpr std::uint64_t operator()(std::uint64_t i) const noexcept { return i - 1; }
};
/// Selects the element of a heap that must not be less than the element at position i: its parent.
struct parent_in_heap {
    constexpr std::uint64_t operator()(std::uint64_t i) const noexcept { return (i - 1) / 2; }
};

/// Returns the first position that breaks an order, or the number of elements.
template<class Other, bool descends, class Range, class Less, class Proj>
std::uint64_t ordered_until(thread_pool& pool, elements<Range> const& in, Less const& less, Proj const& proj,
                            loop_options const& options) {
    auto const less_at = detail::test_between(in, in, less, proj, proj);
    auto const breaks = [less_at](std::uint64_t i) {
        if (i == 0) return false;
        std::uint64_t const other = Other()(i);
        return descends ? less_at(other, i) : less_at(i, other);
    };
    return detail::first_position(pool, in.size(), breaks, options);
}

/// The form of algorithms that return whether all elements are in an order.
template<class Algorithm, class Other, bool descends>
struct is_ordered_form : value_form<Algorithm> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool steps = false;

    template<class Range, class Less = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Less const& less = left_out<Less>,
                    Proj const& proj = left_out<Proj>) {
        using order = callable_type<usual_less, Less>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_neighbours<std::remove_reference_t<Range>, order, by>()) {
            elements const in(range);
            return detail::ordered_until<Other, descends>(pool, in, callable_or<order>(less), callable_or<by>(proj),
                                                          given_options(less, proj, options)) == in.size();
        } else {
            return false;
        }
    }
};

/// The form of algorithms that return up to where the elements are in an order.
template<class Algorithm, class Other, bool descends>
struct ordered_until_form : value_form<Algorithm> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool steps = false;
    static constexpr bool finds = true;

    template<class Range, class Less = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Less const& less = left_out<Less>,
                    Proj const& proj = left_out<Proj>) {
        using order = callable_type<usual_less, Less>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_lasting<Range>() && explain_neighbours<std::remove_reference_t<Range>, order, by>()) {
            elements const in(range);
            return in.at(detail::ordered_until<Other, descends>(
                pool, in, callable_or<order>(less), callable_or<by>(proj), given_options(less, proj, options)));
        }
    }
};

struct parallel_is_sorted_fn : is_ordered_form<parallel_is_sorted_fn, element_before, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_is_sorted takes a range (or two iterators), and may take a comparator "
                                     "and a projection; a pool may come first, and options last");
    }
};
struct parallel_is_sorted_until_fn : ordered_until_form<parallel_is_sorted_until_fn, element_before, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_is_sorted_until takes a range (or two iterators), and may take a "
                                     "comparator and a projection; a pool may come first, and options last");
    }
};
struct parallel_is_heap_fn : is_ordered_form<parallel_is_heap_fn, parent_in_heap, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_is_heap takes a range (or two iterators), and may take a comparator and "
                                     "a projection; a pool may come first, and options last");
    }
};
struct parallel_is_heap_until_fn : ordered_until_form<parallel_is_heap_until_fn, parent_in_heap, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_is_heap_until takes a range (or two iterators), and may take a "
                                     "comparator and a projection; a pool may come first, and options last");
    }
};

/// The pattern of a part of a range under a predicate.
enum class partitioning : std::uint8_t { trues, falses, trues_and_falses, mixed };

struct plus_partitioning {
    constexpr partitioning operator()(partitioning a, partitioning b) const noexcept {
        if (a == partitioning::trues) return b == partitioning::falses ? partitioning::trues_and_falses : b;
        if (b == partitioning::falses && a != partitioning::mixed) return a;
        return partitioning::mixed;
    }
};

template<class Pred, class Proj>
struct partitioning_of {
    one_if<Pred, Proj> pred;

    template<class Element>
    partitioning operator()(Element&& element) const {
        return pred(std::forward<Element>(element)) != 0 ? partitioning::trues : partitioning::falses;
    }
};

struct parallel_is_partitioned_fn : value_form<parallel_is_partitioned_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_is_partitioned takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (explain_search<source, Pred, Proj>())
            return detail::reduce_all<partitioning>(
                       pool, given_options(proj, options), range, partitioning::trues, plus_partitioning(),
                       partitioning_of<Pred, by>{{pred, callable_or<by>(proj)}}) != partitioning::mixed;
        else
            return false;
    }
};

} // namespace detail

/// Returns whether a range is sorted by `less(proj(a), proj(b))`, as std::is_sorted: `parallel_is_sorted(range)`,
/// `parallel_is_sorted(range, less, proj)`; without them by `<`. The range may be two iterators. Ends at the first
/// element that is less than the one before it. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_find_if`; `proj` is called twice for each element.
inline constexpr detail::parallel_is_sorted_fn parallel_is_sorted{};

/// Returns an iterator to the first element of a range that is less than the one before it, or its end, as
/// std::is_sorted_until. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_is_sorted`.
inline constexpr detail::parallel_is_sorted_until_fn parallel_is_sorted_until{};

/// Returns whether a range is a heap by `less(proj(a), proj(b))`, as those of std::make_heap: no element is less than
/// those at twice its position and one, and two. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_is_sorted`.
inline constexpr detail::parallel_is_heap_fn parallel_is_heap{};

/// Returns an iterator to the first element of a range that keeps it from being a heap, or its end, as
/// std::is_heap_until. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_is_sorted`.
inline constexpr detail::parallel_is_heap_until_fn parallel_is_heap_until{};

/// Returns whether the elements of a range for which `pred(proj(element))` holds stand before all others, as
/// std::is_partitioned: `parallel_is_partitioned(range, pred)`. It asks for each element once, and does not end early.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_transform_reduce`.
inline constexpr detail::parallel_is_partitioned_fn parallel_is_partitioned{};

} // namespace hocket
