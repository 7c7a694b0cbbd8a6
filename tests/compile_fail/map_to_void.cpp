// SPDX-License-Identifier: MIT
// A function without results belongs into parallel_for, and the message says so.
// error: returns nothing: use parallel_for
#include <hocket/algorithm/loops/parallel_map.hpp>

#include <vector>

int main() {
    std::vector<int> const numbers(3);
#ifdef CONTROL
    return hocket::parallel_map(numbers, [](int) { return 0; }).empty();
#else
    hocket::parallel_map(numbers, [](int) {});
#endif
}
