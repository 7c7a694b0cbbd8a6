// SPDX-License-Identifier: MIT
// when_all copies the values of named futures.
// error: when_all copies the values of a named vector's futures
#include <hocket/future/when/when_all.hpp>

#include <memory>

int main() {
    std::vector<hocket::future<std::unique_ptr<int>>> fs;
#ifdef CONTROL
    hocket::when_all(std::move(fs)).get();
#else
    hocket::when_all(fs).get();
#endif
}
