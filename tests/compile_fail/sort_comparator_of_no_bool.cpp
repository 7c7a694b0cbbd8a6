// SPDX-License-Identifier: MIT
// The result of a three-way comparison does not say whether a comes before b.
// error: the comparator of a parallel sort does not return a bool
#include <hocket/algorithm/sort/parallel_stable_sort.hpp>

#include <compare>
#include <vector>

int main() {
    std::vector<int> numbers(3);
#ifdef CONTROL
    hocket::parallel_stable_sort(numbers, [](int a, int b) { return (a <=> b) < 0; });
#else
    hocket::parallel_stable_sort(numbers, [](int a, int b) { return a <=> b; });
#endif
}
