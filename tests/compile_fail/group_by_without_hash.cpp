// SPDX-License-Identifier: MIT
// The message names the requirements of keys.
// error: the key of parallel_group_by has no std::hash, or no ==
#include <hocket/algorithm/group/parallel_group_by.hpp>

#include <utility>
#include <vector>

int main() {
    std::vector<int> const numbers(3);
#ifdef CONTROL
    return hocket::parallel_group_by(numbers, [](int x) { return x % 10; }).empty();
#else
    return hocket::parallel_group_by(numbers, [](int x) { return std::pair(x % 10, x > 0); }).empty();
#endif
}
