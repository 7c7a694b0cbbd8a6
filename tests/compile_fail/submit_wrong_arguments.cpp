// SPDX-License-Identifier: MIT
// The callable is called with the values of the futures, as rvalues.
// error: the callable of submit cannot be called with these arguments
#include <hocket/future/submit.hpp>

int main() {
#ifdef CONTROL
    hocket::submit([](int x) { return x; }, hocket::submit([] { return 1; })).get();
#else
    hocket::submit([](hocket::future<int> x) { return x.get(); }, hocket::submit([] { return 1; })).get();
#endif
}
