// SPDX-License-Identifier: MIT
// A union does not say which member it holds.
// error: use a std::variant
#include <hocket/remote/wire/thunk.hpp>

#include <variant>

union either {
    int a;
    float b;
};

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, std::variant<int, float>(1));
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, either{1});
#endif
}
