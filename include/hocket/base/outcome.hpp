// SPDX-License-Identifier: MIT
// A value or the error in its place: `outcome`; and `keep_errors`, which turns each result of an algorithm or task into
// an outcome. Public.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// A T, or the exception that was thrown instead. `outcome<void>` holds no value, but may hold an error.
template<class T>
class [[nodiscard]] outcome {
    static_assert(std::is_object_v<T>, "hocket: an outcome holds no reference: return a value or a pointer");

  public:
    using value_type = T;

    /// Holds a default value.
    outcome() requires std::default_initializable<T> : value_(std::in_place) {}
    template<class From = T>
        requires(std::is_constructible_v<T, From> && !std::is_same_v<std::remove_cvref_t<From>, outcome> &&
                 !std::is_same_v<std::remove_cvref_t<From>, std::exception_ptr>)
    outcome(From&& from) : value_(std::forward<From>(from)) {}
    /// Holds `error`, which is not null.
    outcome(std::exception_ptr error) noexcept : error_(std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    /// Returns the value. **Throws** the error, if there is one.
    T& value() & {
        rethrow();
        return *value_;
    }
    T const& value() const& {
        rethrow();
        return *value_;
    }
    T&& value() && {
        rethrow();
        return *std::move(value_);
    }
    /// Returns the value. The caller knows that there is one.
    T& operator*() & noexcept { return *value_; }
    T const& operator*() const& noexcept { return *value_; }
    T&& operator*() && noexcept { return *std::move(value_); }
    T* operator->() noexcept { return __builtin_addressof(*value_); }
    T const* operator->() const noexcept { return __builtin_addressof(*value_); }
    template<class Other>
    T value_or(Other&& other) const& {
        return value_.value_or(std::forward<Other>(other));
    }
    /// Returns the error, or null when there is a value.
    [[nodiscard]] std::exception_ptr const& error() const noexcept { return error_; }

  private:
    void rethrow() const {
        if (error_ != nullptr) [[unlikely]]
            std::rethrow_exception(error_);
    }

    std::optional<T> value_;
    std::exception_ptr error_;
};

template<>
class [[nodiscard]] outcome<void> {
  public:
    using value_type = void;

    outcome() noexcept = default;
    outcome(std::exception_ptr error) noexcept : error_(std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return error_ == nullptr; }
    explicit operator bool() const noexcept { return has_value(); }
    /// Returns if there is no error. **Throws** the error, if there is one.
    void value() const {
        if (error_ != nullptr) std::rethrow_exception(error_);
    }
    [[nodiscard]] std::exception_ptr const& error() const noexcept { return error_; }

  private:
    std::exception_ptr error_;
};

namespace detail {

/// Calls `f` in place, without a copy.
template<class F, class... Args>
constexpr decltype(auto) call_here(F& f, Args&&... args) {
    if constexpr (std::is_member_pointer_v<std::remove_cv_t<F>>)
        return detail::call_member(f, std::forward<Args>(args)...);
    else
        return f(std::forward<Args>(args)...);
}

template<class Result, class F, class... Args>
outcome<Result> outcome_of(F& f, Args&&... args) {
    try {
        if constexpr (std::is_void_v<Result>) {
            detail::call_here(f, std::forward<Args>(args)...);
            return {};
        } else {
            return detail::call_here(f, std::forward<Args>(args)...);
        }
    } catch (...) {
        return std::current_exception();
    }
}

template<class T>
inline constexpr bool is_outcome = false;
template<class T>
inline constexpr bool is_outcome<outcome<T>> = true;

/// Calls a function by reference, and returns an Outcome.
template<class Outcome, class F>
struct kept_errors_of {
    F const& f;

    template<class... Args>
    Outcome operator()(Args&&... args) const {
        return detail::outcome_of<typename Outcome::value_type>(f, std::forward<Args>(args)...);
    }
};

/// A pointer to a member returns a copy of the member.
template<class F, class Result>
using kept_result =
    std::conditional_t<std::is_member_pointer_v<F>, std::remove_cvref_t<Result>, std::remove_cv_t<Result>>;

/// Calls F, and returns an outcome.
template<class F>
struct error_keeper {
    template<class... Args>
        requires std::is_invocable_v<F const&, Args...>
    auto operator()(Args&&... args) const {
        using result = kept_result<F, std::invoke_result_t<F const&, Args...>>;
        return detail::outcome_of<result>(f, std::forward<Args>(args)...);
    }
    template<class... Args>
        requires(std::is_invocable_v<F&, Args...> && !std::is_invocable_v<F const&, Args...>)
    auto operator()(Args&&... args) {
        using result = kept_result<F, std::invoke_result_t<F&, Args...>>;
        return detail::outcome_of<result>(f, std::forward<Args>(args)...);
    }

    [[no_unique_address]] F f;
};

} // namespace detail

/// Wraps `f` in a function that returns an outcome: the result of `f`, or the exception that it throws. With it an
/// algorithm keeps each result or its error, and runs to the end:
///
///     std::vector<outcome<R>> r = parallel_map(files, keep_errors(read));
///
/// It works with every call that takes a function, such as `submit(keep_errors(f))`. Options cannot change the type of
/// a result. So `.errors = error_policy::keep` is for a call that writes to storage of outcomes, with the same effect.
template<class F>
[[nodiscard]] auto keep_errors(F&& f) {
    return detail::error_keeper<std::decay_t<F>>{std::forward<F>(f)};
}

} // namespace hocket
