// SPDX-License-Identifier: MIT
// A span looks at elements that stay in this process.
// error: is or holds a view .std::span
#include <hocket/remote/wire/thunk.hpp>

#include <span>
#include <vector>

int main() {
    hocket::detail::archive_writer call;
    std::vector<int> numbers(3);
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, numbers);
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::span<int const>(numbers));
#endif
}
