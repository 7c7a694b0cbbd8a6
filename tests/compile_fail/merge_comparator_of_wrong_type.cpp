// SPDX-License-Identifier: MIT
// The message names the parameters that the comparator needs.
// error: the comparator of parallel_merge takes an element of the second range and one of the first
#include <hocket/algorithm/sort/parallel_merge.hpp>

#include <string>
#include <vector>

int main() {
    std::vector<std::string> const words(3);
    std::vector<std::string> merged(6);
#ifdef CONTROL
    hocket::parallel_merge(words, words, merged, [](std::string const& a, std::string const& b) { return a > b; });
#else
    hocket::parallel_merge(words, words, merged, [](int a, int b) { return a > b; });
#endif
}
