// SPDX-License-Identifier: MIT
// Two threads would write to one word of a std::vector<bool>.
// error: a parallel sort of a std::vector<bool>: neighbouring elements share a word
#include <hocket/algorithm/sort/parallel_sort.hpp>

#include <vector>

int main() {
    [[maybe_unused]] std::vector<bool> bits(3);
    [[maybe_unused]] std::vector<char> bytes(3);
#ifdef CONTROL
    hocket::parallel_sort(bytes);
#else
    hocket::parallel_sort(bits);
#endif
}
