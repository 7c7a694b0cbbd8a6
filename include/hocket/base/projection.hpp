// SPDX-License-Identifier: MIT
// What the algorithms with predicates and projections share: which callables are projections, a predicate behind one, and which
// ranges may be asked for an iterator.
// Floor: base. The algorithms use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
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

struct equality {
    template<class A, class B>
    constexpr bool operator()(A const& a, B const& b) const {
        return static_cast<bool>(a == b);
    }
};

/// A callable, or a pointer to a member, of one element; not the options that may stand in its place.
template<class Proj, class Range>
concept projection_of = !std::same_as<std::remove_cvref_t<Proj>, loop_options> &&
                        (shared_callable<Proj, range_reference<Range>> || std::is_member_pointer_v<Proj>);

template<class Proj, class Range>
using projected_element = decltype(detail::call(std::declval<Proj const&>(), std::declval<range_reference<Range>>()));

/// A predicate of a projected element.
template<class Pred, class Proj>
struct projected_test {
    Pred const& pred;
    Proj const& proj;

    template<class Element>
    HOCKET_ALWAYS_INLINE constexpr bool operator()(Element&& element) const {
        return static_cast<bool>(detail::call(pred, detail::call(proj, std::forward<Element>(element))));
    }
};

template<class Range, class Proj>
constexpr void check_projection() {
    static_assert(
        projection_of<Proj, Range>,
        "what stands behind the callable is no projection: that takes one element of the range and is const, or "
        "is a pointer to a member; options come last");
}

template<class Range, class Pred, class Proj = as_it_is>
constexpr void check_predicate() {
    check_projection<Range, Proj>();
    static_assert(shared_callable<Pred, projected_element<Proj, Range>>,
                  "the predicate takes one element of the range (or what the projection makes of it), and is const: "
                  "several threads call it at once (a lambda must not be mutable)");
    static_assert(std::is_convertible_v<call_result<Pred, projected_element<Proj, Range>>, bool>,
                  "the predicate returns something that is no bool");
}

/// Iterators into it are good after the call.
template<class Range>
concept lasting_range =
    std::is_lvalue_reference_v<Range> || std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>;

} // namespace hocket::detail
