// SPDX-License-Identifier: MIT
// Calls of bodies: std::invoke without <functional>, and the copy of a small body that a hot loop keeps. The algorithms
// use them.
#pragma once

#include <hocket/base/config.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Detects a std::reference_wrapper, as far as possible without <functional>: `get()` returns the object.
template<class Object, class Class>
concept wraps_reference = requires(Object& object) {
    { object.get() } -> std::convertible_to<Class const volatile&>;
};

template<class Class, class Member, class Object, class... Args>
constexpr decltype(auto) call_member(Member Class::*member, Object&& object, Args&&... args) {
    if constexpr (std::is_base_of_v<Class, std::remove_cvref_t<Object>>) {
        if constexpr (std::is_function_v<Member>)
            return (std::forward<Object>(object).*member)(std::forward<Args>(args)...);
        else
            return (std::forward<Object>(object).*member);
    } else if constexpr (wraps_reference<Object, Class>) {
        return detail::call_member(member, object.get(), std::forward<Args>(args)...);
    } else {
        return detail::call_member(member, *std::forward<Object>(object), std::forward<Args>(args)...);
    }
}

/// Calls `f`. A pointer to a member names that member of the first argument.
template<class F, class... Args>
constexpr decltype(auto) call(F const& f, Args&&... args) {
    if constexpr (std::is_member_pointer_v<F>)
        return detail::call_member(f, std::forward<Args>(args)...);
    else
        return f(std::forward<Args>(args)...);
}

/// Wraps a pointer to a member in an object that can be called.
template<class Pointer>
struct member_call {
    Pointer pointer;
    template<class... Args>
        requires std::invocable<Pointer, Args...>
    constexpr decltype(auto) operator()(Args&&... args) const {
        return detail::call(pointer, std::forward<Args>(args)...);
    }
};

/// Returns `f`, or wraps a pointer to a member, for code that calls by `f(args...)`.
template<class F>
[[nodiscard]] constexpr decltype(auto) callable(F const& f) noexcept {
    if constexpr (std::is_member_pointer_v<F>)
        return member_call<F>{f};
    else
        return (f);
}

/// Calls `f` once, as an rvalue if it is given as one.
template<class F, class... Args>
constexpr decltype(auto) call_once(F&& f, Args&&... args) {
    if constexpr (std::is_member_pointer_v<std::remove_cvref_t<F>>)
        return detail::call_member(f, std::forward<Args>(args)...);
    else
        return std::forward<F>(f)(std::forward<Args>(args)...);
}

/// The result type of a task that calls F with First as the first argument: the type that the call returns. A reference
/// that comes out of a pointer to a member becomes a value, because it may refer into an argument that ends with the
/// task.
template<class F, class First, class Result>
struct task_result {
    using type = Result;
};
template<class F, class First, class Result>
    requires(std::is_member_pointer_v<F>&& std::is_reference_v<Result> &&
             (std::is_rvalue_reference_v<First> ||
              std::is_const_v<std::remove_reference_t<First>>)&&!std::is_pointer_v<std::remove_cvref_t<First>> &&
             !requires(First object) { object.get().*std::declval<F>(); })
struct task_result<F, First, Result> {
    using type = std::remove_cvref_t<Result>;
};

/// A body that many threads may call at once: it is called through a const reference.
template<class F, class... Args>
concept shared_callable = std::invocable<F const&, Args...>;

/// The type that a call of a shared body returns.
template<class F, class... Args>
using call_result = std::invoke_result_t<F const&, Args...>;

template<class F>
inline constexpr bool cheap_to_copy = false;
template<class F>
    requires std::is_object_v<F>
inline constexpr bool cheap_to_copy<F> =
    std::is_trivially_copyable_v<F> && std::is_copy_constructible_v<F> && sizeof(F) <= 64;

/// Holds a body for the inner loop of a chunk. A small body becomes a local copy, so that the compiler can keep its
/// captures in registers, whatever the body writes to. A larger body stays where the caller has it.
template<class F>
using hot_callable = std::conditional_t<cheap_to_copy<F>, F const, F const&>;

} // namespace hocket::detail
