// SPDX-License-Identifier: MIT
// Two threads would write to one word of a std::vector<bool>; reading it as const is fine.
// error: neighbouring elements share a word
#include <hocket/algorithm/loops/parallel_for.hpp>

#include <vector>

int main() {
    std::vector<bool> bits(3);
    std::vector<bool> const& constant = bits;
#ifdef CONTROL
    hocket::parallel_for(constant, [](bool) {});
#else
    hocket::parallel_for(bits, [](auto bit) { bit = true; });
#endif
}
