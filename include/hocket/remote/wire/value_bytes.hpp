// SPDX-License-Identifier: MIT
// Says how many bytes a value takes at least, and whether it consists only of its bytes. Called by the archive.
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
/// Whether a T consists only of its bytes, and any bytes are a valid value.
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
/// Returns the minimum number of bytes of a T. An element that may take no bytes counts as one, so that the bytes that
/// follow bound the number of elements.
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
