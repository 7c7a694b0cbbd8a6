// SPDX-License-Identifier: MIT
// The message names the parameter that the body needs.
// error: takes one element of the range
#include <hocket/algorithm/loops/parallel_for.hpp>

#include <string>
#include <vector>

int main() {
    std::vector<std::string> words(3);
#ifdef CONTROL
    hocket::parallel_for(words, [](std::string&) {});
#else
    hocket::parallel_for(words, [](int) {});
#endif
}
