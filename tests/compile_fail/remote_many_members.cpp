// SPDX-License-Identifier: MIT
// The members of an aggregate are found up to the 16th.
// error: more than 16 members: put some into a struct
#include <hocket/remote/wire/thunk.hpp>

struct sixteen {
    int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p;
};
struct seventeen {
    int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, sixteen());
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, seventeen());
#endif
}
