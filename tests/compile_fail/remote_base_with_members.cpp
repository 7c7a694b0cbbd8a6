// SPDX-License-Identifier: MIT
// Bindings find no members of a base class.
// error: make the base a member
#include <hocket/remote/wire/thunk.hpp>

struct shape {
    int corners;
};
struct good {
    shape base;
    int colour;
};
struct bad : shape {
    int colour;
};

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, good());
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, bad());
#endif
}
