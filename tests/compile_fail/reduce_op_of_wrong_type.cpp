// SPDX-License-Identifier: MIT
// The message names the parameters that the op needs.
// error: the op of parallel_reduce takes two values of the type of init
#include <hocket/algorithm/reduce/parallel_reduce.hpp>

#include <vector>

int main() {
    std::vector<int> const numbers(3);
#ifdef CONTROL
    return hocket::parallel_reduce(numbers, 0, [](int a, int b) { return a + b; });
#else
    return hocket::parallel_reduce(numbers, 0, [](int a) { return a; });
#endif
}
