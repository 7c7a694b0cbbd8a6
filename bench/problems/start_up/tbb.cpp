// SPDX-License-Identifier: MIT
// The program on oneTBB.
#include "problem.hpp"

#include <tbb/parallel_for.h>

#include <cstdio>

int main() {
    using namespace hocket_bench::start_up_problem;
    std::uint64_t out[2]{};
    tbb::parallel_for(0, 2, [&](int i) { out[i] = half(i); });
    std::printf("%llu", static_cast<unsigned long long>(out[0] ^ out[1]));
}
