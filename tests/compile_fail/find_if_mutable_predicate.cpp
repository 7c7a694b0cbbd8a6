// SPDX-License-Identifier: MIT
// A mutable predicate that several threads call at once is a race.
// error: the callable is not const, .*must not be mutable
#include <hocket/algorithm/search/parallel_find_if.hpp>

#include <vector>

int main() {
    std::vector<int> const numbers(3);
#ifdef CONTROL
    return hocket::parallel_find_if(numbers, [calls = 0](int x) { return x > calls; }) == numbers.end();
#else
    return hocket::parallel_find_if(numbers, [calls = 0](int x) mutable { return x > calls++; }) == numbers.end();
#endif
}
