// SPDX-License-Identifier: MIT
// The shared part of algorithms that move elements within their range according to a predicate. Partitions and removals
// use it.
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

/// Checks the types, then calls `work(begin, n, test, options)`. `test(element, position)` takes an iterator, and
/// returns whether the predicate behind the projection has the value `wanted`.
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
