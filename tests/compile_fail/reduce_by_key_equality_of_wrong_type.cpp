// SPDX-License-Identifier: MIT
// The message names the parameters that the equality needs.
// error: the equality of parallel_reduce_by_key takes two keys
#include <hocket/algorithm/group/parallel_reduce_by_key.hpp>

#include <functional>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> const words(3);
    std::vector<int> const counts(3);
    auto const same_length = [](std::string const& a, std::string const& b) { return a.size() == b.size(); };
#ifdef CONTROL
    return hocket::parallel_reduce_by_key(words, counts, std::plus<>(), same_length).empty();
#else
    return hocket::parallel_reduce_by_key(words, counts, std::plus<>(), [](int a, int b) { return a == b; }).empty();
#endif
}
