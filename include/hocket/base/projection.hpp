// SPDX-License-Identifier: MIT
// What the algorithms with projections share: which callables are projections, and which ranges may be asked for an iterator.
// Floor: base. The algorithms use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace hocket::detail {

/// Gives what it gets: the projection that is none.
struct as_it_is {
    template<class X>
    constexpr X&& operator()(X&& x) const noexcept {
        return std::forward<X>(x);
    }
};

/// A callable, or a pointer to a member, of one element; not the options that may stand in its place.
template<class Proj, class Range>
concept projection_of = !std::same_as<std::remove_cvref_t<Proj>, loop_options> &&
                        (shared_callable<Proj, range_reference<Range>> || std::is_member_pointer_v<Proj>);

template<class Proj, class Range>
using projected_element = decltype(call(std::declval<Proj const&>(), std::declval<range_reference<Range>>()));

/// Iterators into it are good after the call.
template<class Range>
concept lasting_range =
    std::is_lvalue_reference_v<Range> || std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>;

} // namespace hocket::detail
