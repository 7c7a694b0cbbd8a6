// SPDX-License-Identifier: MIT
// A named future stays usable, so a value that cannot be copied is read by const&.
// error: the continuation of a named future reads the value, as the future stays usable
#include <hocket/future/submit.hpp>

#include <memory>

int main() {
    auto f = hocket::submit([] { return std::make_unique<int>(1); });
#ifdef CONTROL
    std::move(f).then([](std::unique_ptr<int> p) { return *p; }).get();
#else
    f.then([](std::unique_ptr<int> p) { return *p; }).get();
#endif
}
