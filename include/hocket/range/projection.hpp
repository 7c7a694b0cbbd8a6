// SPDX-License-Identifier: MIT
// Predicates and projections of algorithms: which callables are projections, a predicate behind a projection, and which
// ranges may be asked for an iterator. The algorithms use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The identity projection.
struct as_it_is {
    template<class X>
    constexpr X&& operator()(X&& x) const noexcept {
        return std::forward<X>(x);
    }
};

struct equality {
    template<class A, class B>
    constexpr bool operator()(A const& a, B const& b) const requires requires {
        static_cast<bool>(a == b);
    }
    {
        if constexpr (loop_index<A> &&
                      loop_index<B>) // as `==` compares them, without the compiler's warnings about signs
            return static_cast<std::common_type_t<A, B>>(a) == static_cast<std::common_type_t<A, B>>(b);
        else
            return static_cast<bool>(a == b);
    }
};

/// A callable, or a pointer to a member, of one element. Not the options that may stand in its place.
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

/// Whether Proj projects the elements of the range; if not, the program does not compile.
template<class Range, class Proj>
constexpr bool check_projection() {
    constexpr bool projects = projection_of<Proj, Range>;
    if constexpr (std::same_as<std::remove_cvref_t<Proj>, loop_options>)
        static_assert(projects,
                      "hocket: options are passed in place of a projection: options come last, and only once");
    else if constexpr (!projects)
        static_assert(says_why<Proj, range_reference<Range>>(),
                      "hocket: the argument after the callable is not a projection: a projection takes one element of "
                      "the range, or is a pointer to a member; options come last");
    return projects;
}

/// Whether Pred decides about the elements of the range, after Proj; if not, the program does not compile.
template<class Range, class Pred, class Proj = as_it_is>
constexpr bool check_predicate() {
    if constexpr (!check_projection<Range, Proj>()) {
        return false;
    } else if constexpr (!shared_callable<Pred, projected_element<Proj, Range>>) {
        static_assert(says_why_not_element<Pred, projected_element<Proj, Range>>(),
                      "hocket: the predicate takes one element of the range, or the result of the projection");
        return false;
    } else {
        constexpr bool decides = std::is_convertible_v<call_result<Pred, projected_element<Proj, Range>>, bool>;
        static_assert(decides, "hocket: the predicate does not return a bool");
        return decides;
    }
}

/// A range whose iterators stay valid after the call.
template<class Range>
concept lasting_range =
    std::is_lvalue_reference_v<Range> || std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>;

} // namespace hocket::detail
