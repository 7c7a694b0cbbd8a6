// SPDX-License-Identifier: MIT
// An element that cannot travel is found, however deep.
// error: is or holds a view .std::span
#include <hocket/remote/wire/thunk.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, std::tuple<int, std::optional<std::string>>());
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::tuple<int, std::optional<std::string_view>>());
#endif
}
