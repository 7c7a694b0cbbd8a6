// SPDX-License-Identifier: MIT
// The message names the parameter that the key needs.
// error: the key of parallel_group_by takes one element of the range
#include <hocket/algorithm/group/parallel_group_by.hpp>

#include <string>
#include <vector>

int main() {
    std::vector<std::string> const words(3);
#ifdef CONTROL
    return hocket::parallel_group_by(words, [](std::string const& word) { return word.size(); }).empty();
#else
    return hocket::parallel_group_by(words, [](int x) { return x; }).empty();
#endif
}
