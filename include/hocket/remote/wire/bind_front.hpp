// SPDX-License-Identifier: MIT
// A callable bound to its first arguments. It is an aggregate, so the bound values travel to another process, strings
// and vectors included. Public.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The result of `bind_front`: calls `function` with the bound arguments, followed by the arguments of the call.
template<class F, class... Bound>
struct bound_call {
    F function;
    std::tuple<Bound...> arguments;

    template<class... Args>
        requires std::is_invocable_v<F const&, Bound const&..., Args...>
    decltype(auto) operator()(Args&&... args) const {
        return std::apply(
            [&](Bound const&... bound) -> decltype(auto) {
                return detail::call(function, bound..., std::forward<Args>(args)...);
            },
            arguments);
    }
};

/// Returns a callable that calls `f(bound..., args...)`, like std::bind_front. It holds copies of the bound values,
/// which each call reads. It travels to another process if `f` and the bound values do.
///
///     auto const count = hocket::bind_front([](std::string const& word, std::string const& line) { ... }, word);
template<class F, class... Bound>
[[nodiscard]] bound_call<std::decay_t<F>, std::decay_t<Bound>...> bind_front(F&& f, Bound&&... bound) {
    return {std::forward<F>(f), {std::forward<Bound>(bound)...}};
}

} // namespace hocket
