// SPDX-License-Identifier: MIT
// A named future stays usable, so a value that cannot be copied is read by const&.
// error: the future stays usable, and its value cannot be copied: take it by const&
#include <hocket/future/submit.hpp>

#include <memory>

int main() {
    auto f = hocket::submit([] { return std::make_unique<int>(1); });
#ifdef CONTROL
    hocket::submit([](std::unique_ptr<int> const& p) { return *p; }, f).get();
#else
    hocket::submit([](std::unique_ptr<int> p) { return *p; }, f).get();
#endif
}
