// SPDX-License-Identifier: MIT
// How many bytes a value takes at least, and whether its bytes are all of it.
// Called by the archive.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/wire/travels.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

template<class T>
constexpr bool is_flat();
template<class... T>
constexpr bool all_flat(type_list<T...>) {
    return (detail::is_flat<T>() && ...);
}
/// Whether the bytes of a T are all of it, and whatever bytes come are a value.
template<class T>
constexpr bool is_flat() {
    if constexpr (way<T> == travel_way::bytes)
        return true;
    else if constexpr ((way<T> == travel_way::array || way<T> == travel_way::aggregate) &&
                       std::is_trivially_copyable_v<T>)
        return detail::all_flat(detail::parts_of<T>());
    else
        return false;
}

template<class T>
constexpr std::size_t least_bytes();
template<class... T>
constexpr std::size_t sum_of_least(type_list<T...>) {
    return (std::size_t{0} + ... + detail::least_bytes<T>());
}
/// How many bytes a T takes at least. What may take none gets one where it is an element: so a count is bounded by the
/// bytes that follow.
template<class T>
constexpr std::size_t least_bytes() {
    constexpr travel_way by = way<T>;
    if constexpr (detail::is_flat<T>() || (by == travel_way::closure && !std::is_empty_v<T>))
        return sizeof(T);
    else if constexpr (by == travel_way::boolean || by == travel_way::optional || by == travel_way::owner ||
                       by == travel_way::error || by == travel_way::outcome)
        return 1;
    else if constexpr (by == travel_way::container)
        return sizeof(std::uint64_t);
    else if constexpr (is_code(by))
        return 3 * sizeof(std::uint64_t);
    else if constexpr (by == travel_way::variant)
        return sizeof(std::uint32_t);
    else if constexpr (by == travel_way::tuple || by == travel_way::bound || by == travel_way::of_parts ||
                       by == travel_way::aggregate)
        return detail::sum_of_least(detail::parts_of<T>());
    else
        return 0;
}
template<class T>
inline constexpr bool is_padded = detail::least_bytes<T>() == 0;

} // namespace hocket::detail
