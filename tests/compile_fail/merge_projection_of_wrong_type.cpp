// SPDX-License-Identifier: MIT
// The message names the projection, and not the arguments that the comparator then gets.
// error: a projection of parallel_merge takes one element of its range
#include <hocket/algorithm/sort/parallel_merge.hpp>

#include <functional>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> const words(3);
    std::vector<std::string> merged(6);
    auto const length = [](std::string const& word) { return word.size(); };
#ifdef CONTROL
    hocket::parallel_merge(words, words, merged, std::less<>(), length, length);
#else
    hocket::parallel_merge(words, words, merged, std::less<>(), length, [](int x) { return x; });
#endif
}
