// SPDX-License-Identifier: MIT
// The argument behind the predicate is a projection or the options.
// error: is not a projection
#include <hocket/algorithm/search/parallel_find_if.hpp>

#include <vector>

int main() {
    std::vector<int> const v(3);
#ifdef CONTROL
    return *hocket::parallel_find_if(
        v, [](int x) { return x == 0; }, [](int x) { return x; });
#else
    return *hocket::parallel_find_if(
        v, [](int x) { return x == 0; }, 42);
#endif
}
