// SPDX-License-Identifier: MIT
// Two threads would write to one word of a std::vector<bool>.
// error: writes a std::vector<bool>: neighbouring elements share a word
#include <hocket/algorithm/write/parallel_fill.hpp>

#include <cstdint>
#include <vector>

int main() {
    [[maybe_unused]] std::vector<bool> bits(3);
    [[maybe_unused]] std::vector<char> bytes(3);
    auto const odd = [](std::uint64_t i) { return i % 2 != 0; };
#ifdef CONTROL
    hocket::parallel_generate(bytes, odd);
#else
    hocket::parallel_generate(bits, odd);
#endif
}
