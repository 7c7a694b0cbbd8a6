// SPDX-License-Identifier: MIT
// parallel_remove_if, parallel_remove and parallel_unique: move the remaining elements of a range to its front, in
// their order. Public.
#pragma once

#include <hocket/algorithm/filter/compact.hpp>
#include <hocket/algorithm/forms/tested_in_place.hpp>
#include <hocket/algorithm/forms/value_test.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_remove_if_fn : call_form<parallel_remove_if_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_remove_if takes a range (or two iterators) and a predicate, and may "
                                     "take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        return detail::tested_in_place<false>(
            range, pred, proj, options,
            [&pool](auto const& begin, std::uint64_t n, auto const& keep, loop_options const& rest) {
                return detail::keep_in_place(pool, begin, n, keep, rest);
            });
    }
};

struct parallel_remove_fn : call_form<parallel_remove_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_remove takes a range (or two iterators) and a value, and may take a "
                                     "projection; a pool may come first, and options last");
    }

    template<class Range, class T, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T const& value,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (explain_value<std::remove_reference_t<Range>, T, callable_type<as_it_is, Proj>>())
            return parallel_remove_if_fn::run(pool, options, range, is_value<T>{value}, proj);
    }
};

struct parallel_unique_fn : call_form<parallel_unique_fn> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_unique takes a range (or two iterators), and may take an equality and a "
                                     "projection; a pool may come first, and options last");
    }

    template<class Range, class Equal = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Equal const& equal = left_out<Equal>,
                    Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        using projection = callable_type<as_it_is, Proj>;
        if constexpr (explain_random<source>()) {
            using iterator = range_iterator<source>;
            if constexpr (explain_permuted<iterator>() && check_projection<source, projection>()) {
                using projected = projected_element<projection, source>;
                constexpr bool fits = shared_callable<callable_type<equality, Equal>, projected, projected>;
                if constexpr (std::is_same_v<Equal, loop_options>)
                    static_assert(fits, "parallel_unique without an equality compares by operator==, which these "
                                        "elements (or the results of the projection) do not have");
                else if constexpr (!fits)
                    static_assert(says_why<callable_type<equality, Equal>, projected, projected>(),
                                  "the equality of parallel_unique takes two elements of the range (or the results of "
                                  "the projection)");
                if constexpr (fits) {
                    iterator const begin = std::ranges::begin(range);
                    auto const& same = callable_or<equality>(equal);
                    auto const& by = callable_or<as_it_is>(proj);
                    auto const keep = [&same, &by](iterator const& element, std::uint64_t i) {
                        return i == 0 || !static_cast<bool>(detail::call(same, detail::call(by, element[-1]),
                                                                         detail::call(by, *element)));
                    };
                    return detail::keep_in_place(pool, begin, range_length(range), keep,
                                                 given_options(equal, proj, options));
                }
            }
        }
    }
};

} // namespace detail

/// Moves the elements for which `pred(proj(element))` is false to the front, in their order. Returns the rest of the
/// range, whose elements are valid but have no particular value, as std::ranges::remove_if: for
/// `v.erase(rest.begin(), rest.end())`. The range may be two iterators. **Threads** any; the caller takes part.
/// **Blocks** until all work has finished, and helps only with this call. **Throws** as `parallel_for`. `pred` has run
/// for all elements before the first is moved: if it throws, or the call is stopped, the range is unchanged. **Order**
/// none between the calls; all of them happen before the return. `.grain` is the number of elements of a block, up to
/// the next multiple of 64. Progress counts elements for which `pred` has run. **Cost** a bit for each element, and
/// buffers of 1 MiB for each worker; up to 1,024 elements, nothing.
inline constexpr detail::parallel_remove_if_fn parallel_remove_if{};

/// Moves the elements for which `proj(element) == value` does not hold to the front, in their order, and returns the
/// rest of the range, as std::ranges::remove: `parallel_remove(range, value)`. **Threads**, **Blocks**, **Throws**,
/// **Order**, **Cost** as `parallel_remove_if`.
inline constexpr detail::parallel_remove_fn parallel_remove{};

/// Moves the first element of each run of equal elements to the front, in their order, and returns the rest of the
/// range, as std::ranges::unique: `parallel_unique(range)`, `parallel_unique(range, equal, proj)`.
/// `equal(proj(a), proj(b))`, by default `==`, is an equivalence, and compares neighbours. **Threads**, **Blocks**,
/// **Throws**, **Order**, **Cost** as `parallel_remove_if`.
inline constexpr detail::parallel_unique_fn parallel_unique{};

} // namespace hocket
