// SPDX-License-Identifier: MIT
// The object of a reference_wrapper stays in this process.
// error: std::reference_wrapper, and what it refers to stays
#include <hocket/remote/wire/thunk.hpp>

#include <functional>

int main() {
    hocket::detail::archive_writer call;
    int number = 3;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, number);
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::ref(number));
#endif
}
