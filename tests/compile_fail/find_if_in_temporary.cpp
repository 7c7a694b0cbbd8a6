// SPDX-License-Identifier: MIT
// The iterator would point into a destroyed vector.
// error: the iterator that it returns would outlive the range
#include <hocket/algorithm/search/parallel_find_if.hpp>

#include <vector>

int main() {
    auto const positive = [](int x) { return x > 0; };
#ifdef CONTROL
    return hocket::parallel_any_of(std::vector<int>(3), positive);
#else
    static_cast<void>(hocket::parallel_find_if(std::vector<int>(3), positive));
#endif
}
