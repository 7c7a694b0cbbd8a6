// SPDX-License-Identifier: MIT
// A callable with its first arguments, as an aggregate: so what is bound travels to another process, strings and
// vectors too. Anyone may use it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// What `bind_front` returns: calls `function` with the bound arguments, and then those of the call.
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

/// A callable that calls `f(bound..., args...)`, as the function of this name in the standard library does. It holds
/// copies, which each call reads, and travels to another process if `f` and they do.
///
///     auto const count = hocket::bind_front([](std::string const& word, std::string const& line) { ... }, word);
template<class F, class... Bound>
[[nodiscard]] bound_call<std::decay_t<F>, std::decay_t<Bound>...> bind_front(F&& f, Bound&&... bound) {
    return {std::forward<F>(f), {std::forward<Bound>(bound)...}};
}

} // namespace hocket
