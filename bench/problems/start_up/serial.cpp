// SPDX-License-Identifier: MIT
// The program without any library.
#include "problem.hpp"

#include <cstdio>

int main() {
    using namespace hocket_bench::start_up_problem;
    std::uint64_t out[2]{};
    for (int i = 0; i < 2; ++i) {
        out[i] = half(i);
    }
    std::printf("%llu", static_cast<unsigned long long>(out[0] ^ out[1]));
}
