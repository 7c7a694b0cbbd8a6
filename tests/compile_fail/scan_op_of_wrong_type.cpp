// SPDX-License-Identifier: MIT
// The message names the parameters that the op needs.
// error: the op of a parallel scan takes two values of the type of the sum
#include <hocket/algorithm/scan/parallel_scan.hpp>

#include <vector>

int main() {
    std::vector<int> const numbers(3);
    std::vector<int> sums(3);
#ifdef CONTROL
    hocket::parallel_inclusive_scan(numbers, sums, [](int a, int b) { return a + b; });
#else
    hocket::parallel_inclusive_scan(numbers, sums, [](int a) { return a; });
#endif
}
