// SPDX-License-Identifier: MIT
// bool is an integral type, but not a type of indexes.
// error: the bounds of this call are bool
#include <hocket/algorithm/loops/parallel_for.hpp>

int main() {
#ifdef CONTROL
    hocket::parallel_for(0, 1, [](int) {});
#else
    hocket::parallel_for(false, true, [](bool) {});
#endif
}
