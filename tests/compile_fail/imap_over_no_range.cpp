// SPDX-License-Identifier: MIT
// A number is no input: the argument would have to be a range of numbers.
// error: parallel_imap takes an input
#include <hocket/algorithm/stream/parallel_imap.hpp>

#include <vector>

int main() {
    auto const twice = [](int x) { return 2 * x; };
#ifdef CONTROL
    std::vector<int> const numbers(3);
    static_cast<void>(hocket::parallel_imap(numbers, twice));
#else
    static_cast<void>(hocket::parallel_imap(3, twice));
#endif
}
