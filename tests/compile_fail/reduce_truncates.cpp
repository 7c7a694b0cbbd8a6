// SPDX-License-Identifier: MIT
// Partial sums in the type of an integer init would lose their fractions.
// error: init is an integer
#include <hocket/algorithm/reduce/parallel_reduce.hpp>

#include <vector>

int main() {
    std::vector<double> const numbers(3);
    auto const add = [](double a, double b) { return a + b; };
#ifdef CONTROL
    return hocket::parallel_reduce(numbers, 0.0, add) > 0;
#else
    return hocket::parallel_reduce(numbers, 0, add) > 0;
#endif
}
