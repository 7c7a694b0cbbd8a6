// SPDX-License-Identifier: MIT
// Doubles numbers by parallel_for and adds them up by join: exits with 0 if the sum is right.
#include "sum.hpp"

#include <hocket/hocket.hpp>

#include <cstddef>
#include <cstdio>
#include <vector>

#if HOCKET_VERSION < 100
#error "this program wants hocket 0.1"
#endif
static_assert(hocket::version_major == 0 && hocket::version_minor == 1);

int main() {
    std::vector<long> values(100'000);
    hocket::parallel_for(std::size_t{0}, values.size(), [&](std::size_t i) { values[i] = 2 * static_cast<long>(i); });

    long const expected = 99'999L * 100'000L;
    long const actual = sum(values);
    bool const one_pool = pool_of_sum() == &hocket::default_pool();
    std::printf("sum %ld, expected %ld, %s\n", actual, expected, one_pool ? "one pool" : "more than one default pool");
    return actual == expected && one_pool ? 0 : 1;
}
