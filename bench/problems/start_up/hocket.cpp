// SPDX-License-Identifier: MIT
// The program on hocket's default pool.
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>

#include <cstdio>

int main() {
    using namespace hocket_bench::start_up_problem;
    std::uint64_t out[2]{};
    hocket::parallel_for(0, 2, [&](int i) { out[i] = half(i); });
    std::printf("%llu", static_cast<unsigned long long>(out[0] ^ out[1]));
}
