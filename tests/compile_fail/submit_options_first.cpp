// SPDX-License-Identifier: MIT
// Options stand behind the callable and its arguments.
// error: submit takes its options last
#include <hocket/future/submit.hpp>

int main() {
#ifdef CONTROL
    hocket::submit([](int x) { return x; }, 1, hocket::submit_options{.name = "one"}).get();
#else
    hocket::submit(
        hocket::submit_options{.name = "one"}, [](int x) { return x; }, 1)
        .get();
#endif
}
