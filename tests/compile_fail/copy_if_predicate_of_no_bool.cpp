// SPDX-License-Identifier: MIT
// A mapping function, given as the predicate.
// error: the predicate does not return a bool
#include <hocket/algorithm/filter/parallel_copy_if.hpp>

#include <string>
#include <vector>

int main() {
    std::vector<std::string> const words(3);
#ifdef CONTROL
    return hocket::parallel_copy_if(words, [](std::string const& word) { return word.empty(); }).empty();
#else
    return hocket::parallel_copy_if(words, [](std::string const& word) { return word + word; }).empty();
#endif
}
