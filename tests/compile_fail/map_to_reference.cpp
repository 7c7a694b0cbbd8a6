// SPDX-License-Identifier: MIT
// parallel_map returns a vector, which holds no references.
// error: returns a reference: return a value
#include <hocket/algorithm/loops/parallel_map.hpp>

#include <vector>

int main() {
    std::vector<int> const numbers(3);
#ifdef CONTROL
    return hocket::parallel_map(numbers, [](int const& x) { return x; }).empty();
#else
    return hocket::parallel_map(numbers, [](int const& x) -> int const& { return x; }).empty();
#endif
}
