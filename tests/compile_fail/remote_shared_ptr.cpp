// SPDX-License-Identifier: MIT
// A shared_ptr would share nothing with its copy.
// error: would share nothing with its copy
#include <hocket/remote/wire/thunk.hpp>

#include <memory>

int main() {
    hocket::detail::archive_writer call;
#ifdef CONTROL
    hocket::detail::write_call(
        call, [](auto const&) {}, std::make_unique<int>(3));
#else
    hocket::detail::write_call(
        call, [](auto const&) {}, std::make_shared<int>(3));
#endif
}
