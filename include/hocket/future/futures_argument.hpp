// SPDX-License-Identifier: MIT
// A vector of futures as an argument of a submit: a dependency whose value is the vector of their values. Used by
// submit.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/future/submit_job.hpp>

#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether an argument is a vector of futures.
template<class Arg>
inline constexpr bool holds_futures = false;
template<class Future>
inline constexpr bool holds_futures<std::vector<Future>> = task_argument<Future>::is_dependency;

/// Whether an argument is a named vector of futures that have one owner: it cannot be copied into a task.
template<class Arg>
inline constexpr bool names_futures = false;
template<class Future>
inline constexpr bool names_futures<std::vector<Future>&> =
    holds_futures<std::vector<Future>> && !std::is_copy_constructible_v<Future>;

/// Whether vectors of futures among the arguments become futures of vectors: where F takes no vector of futures, and
/// where it would need a copy of them.
template<class F, class... Args>
inline constexpr bool takes_values_of_futures = false;
template<class F, class... Args>
    requires(holds_futures<std::decay_t<Args>> || ...)
inline constexpr bool takes_values_of_futures<F, Args...> =
    (names_futures<std::conditional_t<std::is_lvalue_reference_v<Args>, std::decay_t<Args>&, void>> || ...) ||
    !can_call_with<F, task_arguments<std::decay_t<Args>...>>;

/// Returns an argument as it is, or the future of all values of a vector of futures.
template<class Arg>
decltype(auto) values_of_futures(Arg&& arg) {
    if constexpr (holds_futures<std::decay_t<Arg>>)
        return when_all(std::forward<Arg>(arg)); // found where the call is compiled
    else
        return static_cast<Arg&&>(arg);
}

} // namespace hocket::inline HOCKET_ABI::detail
