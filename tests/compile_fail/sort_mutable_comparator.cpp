// SPDX-License-Identifier: MIT
// A mutable comparator that several threads call at once is a race.
// error: the callable is not const, .*must not be mutable
#include <hocket/algorithm/sort/parallel_sort.hpp>

#include <vector>

int main() {
    std::vector<int> numbers(3);
#ifdef CONTROL
    hocket::parallel_sort(numbers, [calls = 0](int a, int b) { return a + calls < b; });
#else
    hocket::parallel_sort(numbers, [calls = 0](int a, int b) mutable { return ++calls, a < b; });
#endif
}
