// SPDX-License-Identifier: MIT
// The container of an iterator stays in this process.
// error: an iterator, and its container stays
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
        call, [](auto const&) {}, numbers.begin());
#endif
}
