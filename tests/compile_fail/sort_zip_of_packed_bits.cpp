// SPDX-License-Identifier: MIT
// Two threads would write to one word of the std::vector<bool> in the zip.
// error: a parallel sort of a std::vector<bool>: neighbouring elements share a word
#include <hocket/sort.hpp>
#include <hocket/zip.hpp>

#include <vector>

int main() {
    [[maybe_unused]] std::vector<int> keys(3);
    [[maybe_unused]] std::vector<bool> bits(3);
    [[maybe_unused]] std::vector<char> bytes(3);
#ifdef CONTROL
    hocket::parallel_sort(hocket::zip(keys, bytes));
#else
    hocket::parallel_sort(hocket::zip(keys, bits));
#endif
}
