// SPDX-License-Identifier: MIT
// The form of algorithms that take a place in their range: a range and an iterator into it, or three iterators.
// Rotations, partial sorts and merges in place use it.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether three iterators are given: the first, a place, and the end.
template<class First, class... Rest>
inline constexpr bool ends_third = false;
template<class First, class Last, class... Rest>
inline constexpr bool ends_third<First, Last, Rest...> =
    !std::is_array_v<std::remove_reference_t<Last>> && end_of_iterator<std::decay_t<Last>, std::decay_t<First>>;

/// Returns the position of `middle` in a range; throws if it is not there.
template<class Range, class Middle>
[[nodiscard]] std::uint64_t position_of(Range& range, Middle const& middle) {
    range_iterator<Range> const begin = std::ranges::begin(range), place = middle;
    if (place < begin || static_cast<std::uint64_t>(place - begin) > detail::range_length(range))
        throw std::invalid_argument("hocket: an iterator passed to a parallel algorithm lies outside of its range");
    return static_cast<std::uint64_t>(place - begin);
}

/// The form of an algorithm with `at_place(pool, options, range, position, rest...)`. Between `least_behind` and
/// `most_behind` arguments follow the place.
template<class Algorithm>
struct middle_form : call_form<Algorithm> {
    static constexpr std::size_t least = 1, most = 5;
    static constexpr std::size_t least_behind = 0, most_behind = 0;
    static constexpr bool steps = false;
    template<class Source>
    static constexpr bool takes = any_range<Source> || std::random_access_iterator<std::decay_t<Source&>>;
    template<class... Operands>
    static constexpr bool bounds_before = false;

    template<class Source, class Middle, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, Source&& source, Middle&& middle, Rest&&... rest) {
        if constexpr (any_range<std::remove_reference_t<Source>>)
            return around(pool, options, source, std::decay_t<Middle>(middle), rest...);
        else if constexpr (ends_third<Source, Rest...>)
            return between(pool, options, std::decay_t<Source>(source), std::decay_t<Middle>(middle), rest...);
        else
            Algorithm::template usage<Source>();
    }

  private:
    template<class First, class Middle, class Last, class... Rest>
    static auto between(thread_pool& pool, loop_options const& options, First first, Middle middle, Last& last,
                        Rest&... rest) {
        auto const range = detail::between(first, std::decay_t<Last>(last));
        return around(pool, options, range, middle, rest...);
    }

    template<class Range, class Middle, class... Rest>
    static auto around(thread_pool& pool, loop_options const& options, Range& range, Middle const& middle,
                       Rest&... rest) {
        if constexpr (sizeof...(Rest) < Algorithm::least_behind || sizeof...(Rest) > Algorithm::most_behind) {
            Algorithm::template usage<Range>();
        } else if constexpr (!parallel_range<Range>) {
            static_assert(never<Range>, "hocket: this algorithm needs a range with random access, and its size (a "
                                        "std::list has neither): copy the elements to a vector");
        } else if constexpr (!std::is_convertible_v<Middle const&, range_iterator<Range>>) {
            static_assert(never<Range>, "hocket: after its range, this algorithm takes an iterator into the range, not "
                                        "a number: write range.begin() + n");
        } else {
            return Algorithm::at_place(pool, options, range, detail::position_of(range, middle), rest...);
        }
    }
};

} // namespace hocket::inline HOCKET_ABI::detail
