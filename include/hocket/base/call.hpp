// SPDX-License-Identifier: MIT
// Calling a body: what std::invoke does, without <functional>, and the copy of a small body that a hot loop keeps.
// The algorithms use it.
#pragma once

#include <hocket/base/config.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A std::reference_wrapper, as far as that can be told without <functional>: what `get()` gives is the object.
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

/// Calls `f`; a pointer to a member names that member of the first argument.
template<class F, class... Args>
constexpr decltype(auto) call(F const& f, Args&&... args) {
    if constexpr (std::is_member_pointer_v<F>)
        return detail::call_member(f, std::forward<Args>(args)...);
    else
        return f(std::forward<Args>(args)...);
}

/// A pointer to a member as an object that can be called.
template<class Pointer>
struct member_call {
    Pointer pointer;
    template<class... Args>
        requires std::invocable<Pointer, Args...>
    constexpr decltype(auto) operator()(Args&&... args) const {
        return detail::call(pointer, std::forward<Args>(args)...);
    }
};

/// Returns `f`, or of a pointer to a member an object that can be called, for code that calls by `f(args...)`.
template<class F>
[[nodiscard]] constexpr decltype(auto) callable(F const& f) noexcept {
    if constexpr (std::is_member_pointer_v<F>)
        return member_call<F>{f};
    else
        return (f);
}

/// Calls `f` once: as an rvalue, if it is given as one.
template<class F, class... Args>
constexpr decltype(auto) call_once(F&& f, Args&&... args) {
    if constexpr (std::is_member_pointer_v<std::remove_cvref_t<F>>)
        return detail::call_member(f, std::forward<Args>(args)...);
    else
        return std::forward<F>(f)(std::forward<Args>(args)...);
}

/// What a task returns that calls F with First as the first argument: what the call gives. But a reference that comes
/// out of a pointer to a member, and may refer into an argument that ends with the task, becomes a value.
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

/// A body that many threads may call at once: through a const reference.
template<class F, class... Args>
concept shared_callable = std::invocable<F const&, Args...>;

/// What a call of a shared body gives.
template<class F, class... Args>
using call_result = std::invoke_result_t<F const&, Args...>;

template<class F>
inline constexpr bool cheap_to_copy = false;
template<class F>
    requires std::is_object_v<F>
inline constexpr bool cheap_to_copy<F> =
    std::is_trivially_copyable_v<F> && std::is_copy_constructible_v<F> && sizeof(F) <= 64;

/// How a chunk holds a body for its inner loop. A small one becomes a local copy, so that the compiler can keep what it
/// captured in registers, whatever the body writes to; a larger one stays where the caller has it.
template<class F>
using hot_callable = std::conditional_t<cheap_to_copy<F>, F const, F const&>;

} // namespace hocket::detail
