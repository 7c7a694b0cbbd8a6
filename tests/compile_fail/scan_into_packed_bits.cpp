// SPDX-License-Identifier: MIT
// Two threads would write to one word of a std::vector<bool>.
// error: a parallel scan into a std::vector<bool>: neighbouring elements share a word
#include <hocket/algorithm/scan/parallel_scan.hpp>

#include <vector>

int main() {
    std::vector<char> const flags(3);
    [[maybe_unused]] std::vector<bool> bits(3);
    [[maybe_unused]] std::vector<char> bytes(3);
    auto const either = [](char a, char b) { return static_cast<char>(a | b); };
#ifdef CONTROL
    hocket::parallel_inclusive_scan(flags, bytes, either);
#else
    hocket::parallel_inclusive_scan(flags, bits, either);
#endif
}
