// SPDX-License-Identifier: MIT
// A string_view looks at a text that stays in this process.
// error: pass a std::vector or a std::string
#include <hocket/remote/wire/thunk.hpp>

#include <string>
#include <string_view>

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, std::string("text"));
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::string_view("text"));
#endif
}
