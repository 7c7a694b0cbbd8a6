// SPDX-License-Identifier: MIT
// A list cannot be cut at any place.
// error: needs a range with random access
#include <hocket/algorithm/loops/parallel_for.hpp>

#include <list>
#include <vector>

int main() {
    [[maybe_unused]] std::list<int> list(3);
    [[maybe_unused]] std::vector<int> vector(3);
#ifdef CONTROL
    hocket::parallel_for(vector, [](int) {});
#else
    hocket::parallel_for(list, [](int) {});
#endif
}
