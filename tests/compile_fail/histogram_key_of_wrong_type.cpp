// SPDX-License-Identifier: MIT
// The message names the parameter that the key needs.
// error: the key of parallel_histogram takes one element of the range
#include <hocket/algorithm/group/parallel_histogram.hpp>

#include <string>
#include <vector>

int main() {
    std::vector<std::string> const words(3);
#ifdef CONTROL
    return hocket::parallel_histogram(words, 10, [](std::string const& word) { return word.size(); }).empty();
#else
    return hocket::parallel_histogram(words, 10, [](int x) { return x; }).empty();
#endif
}
