// SPDX-License-Identifier: MIT
// Two threads would write to one word of a std::vector<bool>; the form that returns a vector may make one.
// error: parallel_copy_if into a std::vector<bool>: neighbouring elements share a word
#include <hocket/algorithm/filter/parallel_copy_if.hpp>

#include <vector>

int main() {
    std::vector<bool> const flags(3);
    auto const set = [](bool flag) { return flag; };
#ifdef CONTROL
    return hocket::parallel_copy_if(flags, set).empty();
#else
    std::vector<bool> bits(3);
    hocket::parallel_copy_if(flags, bits.begin(), set);
#endif
}
