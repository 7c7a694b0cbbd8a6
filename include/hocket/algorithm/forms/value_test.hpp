// SPDX-License-Identifier: MIT
// Elements that are equal to a value, as a predicate.
// Searches, counts, replacements and removals use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>

#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether an element is equal to a value.
template<class T>
struct is_value {
    std::conditional_t<cheap_to_copy<T>, T const, T const&> value;

    template<class X>
    constexpr bool operator()(X const& x) const {
        return equality()(x, value);
    }
};

/// Whether the elements of a range can be compared with a value; if not, the program does not compile.
template<class Range, class T, class Proj>
constexpr bool explain_value() {
    if constexpr (explain_readable<Range>()) {
        if constexpr (check_projection<Range, Proj>()) {
            constexpr bool fits = shared_callable<equality, projected_element<Proj, Range>, T const&>;
            static_assert(fits, "hocket: this algorithm compares a value by operator== with the elements of the range "
                                "(or the results of the projection), and these types have no such operator");
            return fits;
        }
    }
    return false;
}

} // namespace hocket::inline HOCKET_ABI::detail
