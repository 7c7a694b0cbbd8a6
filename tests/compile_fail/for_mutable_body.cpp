// SPDX-License-Identifier: MIT
// A mutable lambda that several threads call at once is a race.
// error: must not be mutable
#include <hocket/algorithm/loops/parallel_for.hpp>

int main() {
#ifdef CONTROL
    hocket::parallel_for(0, 10, [calls = 0](int i) { static_cast<void>(calls + i); });
#else
    hocket::parallel_for(0, 10, [calls = 0](int) mutable { ++calls; });
#endif
}
