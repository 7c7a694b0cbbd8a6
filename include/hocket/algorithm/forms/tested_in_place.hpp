// SPDX-License-Identifier: MIT
// What algorithms share that move elements within their range by what a predicate says of them.
// Partitions and removals use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstdint>
#include <iterator>

namespace hocket::inline HOCKET_ABI::detail {

/// Calls `work(begin, n, test, options)`, after a look at the types: `test(element, position)`, of an iterator, says
/// whether the predicate behind the projection holds, or `wanted` says that it is to be false.
template<bool wanted = true, class Range, class Pred, class Proj, class Work>
auto tested_in_place(Range& range, Pred const& pred, Proj const& proj, loop_options const& options, Work const& work) {
    if constexpr (explain_random<Range>()) {
        using iterator = range_iterator<Range>;
        if constexpr (explain_permuted<iterator>() && check_predicate<Range, Pred, callable_type<as_it_is, Proj>>()) {
            iterator const begin = std::ranges::begin(range);
            auto const& by = callable_or<as_it_is>(proj);
            auto const test = [&pred, &by](iterator const& element, std::uint64_t) {
                return static_cast<bool>(detail::call(pred, detail::call(by, *element))) == wanted;
            };
            return work(begin, detail::range_length(range), test, given_options(proj, options));
        }
    }
}

} // namespace hocket::inline HOCKET_ABI::detail
