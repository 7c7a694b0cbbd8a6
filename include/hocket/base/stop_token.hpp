// SPDX-License-Identifier: MIT
// The stop tokens of tasks, graphs and coroutines: those of the standard library. Where it has none, such as libc++
// before 20, and on a simulated machine, hocket's own. Public.
#pragma once

#include <hocket/base/config.hpp>

#include <version>

#if defined(__cpp_lib_jthread) && !defined(HOCKET_SIMULATED)
#include <stop_token>
namespace hocket::inline HOCKET_ABI {
using std::stop_callback;
using std::stop_source;
using std::stop_token;
} // namespace hocket
#else
#include <hocket/base/own_stop_token.hpp>
namespace hocket::inline HOCKET_ABI {
using stop_source = detail::own_stop_source;
using stop_token = detail::own_stop_token;
template<class F>
using stop_callback = detail::own_stop_callback<F>;
} // namespace hocket
#endif

namespace hocket::inline HOCKET_ABI::detail {

/// Detects an object that has a token instead of being one.
template<class Source>
concept gives_stop_token = requires(Source const& source) {
    source.get_token();
};

/// A stop token as a member of options. A `static_assert` sentence refuses the source of a token.
class stop_option : public stop_token {
  public:
    stop_option() noexcept = default;
    stop_option(stop_token token) noexcept : stop_token(static_cast<stop_token&&>(token)) {}
    template<gives_stop_token Source>
    stop_option(Source const&) {
        static_assert(never<Source>,
                      "hocket: .stop takes a stop token, and not a stop source: write source.get_token()");
    }
};

} // namespace hocket::detail
