// SPDX-License-Identifier: MIT
// Sentences that say why a callable cannot be called with the arguments of an algorithm, as far as they do not depend
// on the algorithm. The algorithms use them where a call does not compile.
#pragma once

#include <hocket/base/config.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// Says why an F cannot be called with Args through a const reference to itself. Returns false if it finds no reason.
template<class F, class... Args>
constexpr bool says_why() {
    constexpr bool last = (std::is_lvalue_reference_v<Args> && ...);
    if constexpr (std::invocable<F&, Args...>) {
        static_assert(never<F>, "hocket: the callable is not const, and several threads call it at once: a lambda must "
                                "not be mutable, and an operator() must be const");
        return true;
    } else if constexpr (std::invocable<F const&, std::remove_cvref_t<Args>&...> && last) {
        static_assert(never<F>,
                      "hocket: the elements are const here, and the callable takes them by reference, T&: take "
                      "them by T const& or by value");
        return true;
    } else if constexpr (std::invocable<F const&, std::remove_cvref_t<Args>&...>) {
        static_assert(never<F>,
                      "hocket: the callable gets temporary values, and takes them by reference, T&: take them "
                      "by T const& or by value");
        return true;
    } else if constexpr (std::invocable<F const&, std::remove_cvref_t<Args>...> && last) {
        static_assert(never<F>, "hocket: the callable takes an element by value or as T&&, and gets a reference to one "
                                "that cannot be copied and must not be moved: take it by T& or T const&");
        return true;
    } else {
        return false;
    }
}

/// Says why the body of a loop over elements cannot be called; it may have been written for their indexes.
template<class F, class Element>
constexpr bool says_why_not_element() {
    using value = std::remove_cvref_t<Element>;
    constexpr bool takes_index = std::invocable<F const&, std::size_t> && !std::convertible_to<std::size_t, value>;
    if constexpr (takes_index && !std::invocable<F&, Element> && !std::invocable<F const&, value&> &&
                  !std::invocable<F const&, value>) {
        static_assert(never<F>, "hocket: the callable takes one element of the range, and not its index, which "
                                "parallel_for(std::size_t{0}, range.size(), f) gives");
        return true;
    } else {
        return detail::says_why<F, Element>();
    }
}

} // namespace hocket::detail
