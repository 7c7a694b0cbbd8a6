// SPDX-License-Identifier: MIT
// An enum without a type has values that it does not name.
// error: enum without an underlying type
#include <hocket/remote/wire/thunk.hpp>

enum class good { red };
enum bad { green };

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, good::red);
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, green);
#endif
}
