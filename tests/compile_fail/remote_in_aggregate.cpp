// SPDX-License-Identifier: MIT
// A member that cannot travel is found, however deep.
// error: holds a pointer or a reference
#include <hocket/remote/wire/thunk.hpp>

#include <string>
#include <vector>

template<class Name>
struct person {
    Name name;
    int age;
};

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, std::vector<person<std::string>>());
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::vector<person<char const*>>());
#endif
}
