// SPDX-License-Identifier: MIT
// A pointer means nothing in another process.
// error: holds a pointer or a reference
#include <hocket/remote/wire/thunk.hpp>

#include <vector>

int main() {
    hocket::detail::archive_writer call;
    std::vector<int> numbers(3);
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, numbers);
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, &numbers);
#endif
}
