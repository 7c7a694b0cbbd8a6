// SPDX-License-Identifier: MIT
// Two threads would write to one word of a std::vector<bool>.
// error: neighbouring elements share a word
#include <hocket/algorithm/loops/parallel_map.hpp>

#include <vector>

int main() {
    std::vector<int> const numbers(3);
    std::vector<bool> bits(3);
    std::vector<char> bytes(3);
#ifdef CONTROL
    hocket::parallel_map(numbers, bytes, [](int x) { return x > 0; });
#else
    hocket::parallel_map(numbers, bits, [](int x) { return x > 0; });
#endif
}
