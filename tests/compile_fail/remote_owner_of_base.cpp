// SPDX-License-Identifier: MIT
// The members of a class derived from the class that a unique_ptr names would be lost.
// error: a std::unique_ptr to a class with virtual functions
#include <hocket/remote/wire/thunk.hpp>

#include <memory>

struct shape {
    virtual ~shape() = default;
};

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, std::make_unique<int>(3));
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::make_unique<shape>());
#endif
}
