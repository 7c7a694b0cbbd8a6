// SPDX-License-Identifier: MIT
// The message names the parameters that the op needs.
// error: the op of parallel_reduce_by_key takes two values
#include <hocket/algorithm/group/parallel_reduce_by_key.hpp>

#include <functional>
#include <string>
#include <vector>

int main() {
    std::vector<int> const keys(3);
    std::vector<std::string> const words(3);
#ifdef CONTROL
    return hocket::parallel_reduce_by_key(keys, words, std::plus<>()).empty();
#else
    return hocket::parallel_reduce_by_key(keys, words, [](int a, int b) { return a + b; }).empty();
#endif
}
