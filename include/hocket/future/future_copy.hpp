// SPDX-License-Identifier: MIT
// Copies of the value of a future that several readers may read. The code that lends a value says how it is copied. A
// type that is never lent need not compile with a copy: a class with a std::vector<std::unique_ptr<T>> does not, though
// its traits say so. Callers: future states, and code that lends values.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

[[noreturn]] [[gnu::cold]] void throw_lent();

/// Whether a T can be copied; looks into containers, optionals and tuples, whose own traits do not say it.
template<class T>
inline constexpr bool value_can_be_copied = std::is_copy_constructible_v<T>;
template<class T>
concept holder_of_values = requires {
    typename T::value_type;
}
&&!std::is_same_v<typename T::value_type, T> &&
    (
        requires { typename T::allocator_type; } || requires(T const& value) { value.has_value(); });
template<holder_of_values T>
inline constexpr bool value_can_be_copied<T> =
    std::is_copy_constructible_v<T>&& value_can_be_copied<typename T::value_type>;
template<class A, class B>
inline constexpr bool value_can_be_copied<std::pair<A, B>> = value_can_be_copied<A>&& value_can_be_copied<B>;
template<class... All>
inline constexpr bool value_can_be_copied<std::tuple<All...>> = (value_can_be_copied<All> && ...);

/// The function that copies a T; null until a T is lent. Writers: code that lends a T. Readers: code that would move a
/// lent T out.
template<class T>
inline constinit atomic<T (*)(T const&)> copy_of_lent{nullptr};

/// Notes how a T is copied, before the value of a future is lent.
template<class T>
void prepare_to_lend() noexcept {
    if constexpr (std::is_object_v<T> && value_can_be_copied<T>) {
        constexpr auto copy = [](T const& value) -> T { return value; };
        if (copy_of_lent<T>.load(std::memory_order_relaxed) == nullptr)
            copy_of_lent<T>.store(copy, std::memory_order_relaxed);
    }
}

/// Returns a copy. **Throws** std::logic_error for a value that cannot be copied.
template<class T>
HOCKET_COLD T copy_lent(T const& value) {
    auto* const copy = copy_of_lent<T>.load(std::memory_order_relaxed);
    if (copy == nullptr) throw_lent();
    return copy(value);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/future_copy.ipp>
#endif
