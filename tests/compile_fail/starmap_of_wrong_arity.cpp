// SPDX-License-Identifier: MIT
// The message names the arguments of the function.
// error: the function of parallel_starmap takes the parts of one tuple as its arguments
#include <hocket/algorithm/loops/parallel_starmap.hpp>

#include <utility>
#include <vector>

int main() {
    std::vector<std::pair<int, int>> const pairs(3);
#ifdef CONTROL
    return hocket::parallel_starmap(pairs, [](int a, int b) { return a + b; }).empty();
#else
    return hocket::parallel_starmap(pairs, [](int a, int b, int c) { return a + b + c; }).empty();
#endif
}
