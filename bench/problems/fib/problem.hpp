// SPDX-License-Identifier: MIT
// Fibonacci numbers by double recursion without a cutoff: nothing but joins. The unit is joins. The slower libraries
// compute smaller numbers; the cost of a join does not depend on the size.
#pragma once

#include "../measure.hpp"

#include <cstdint>

namespace hocket_bench::fib_problem {

inline constexpr unsigned large = 32;
inline constexpr unsigned medium = 27;
inline constexpr unsigned small = 24;

constexpr std::uint64_t value(unsigned n) {
    std::uint64_t a = 0;
    std::uint64_t b = 1;
    for (; n > 0; --n) {
        b = a + b;
        a = b - a;
    }
    return a;
}

/// `run(threads)` makes the function that takes n and returns its Fibonacci number.
template<class Make>
bool add(std::string name, library const& with, unsigned n, Make make) {
    return add_row({std::move(name), double(value(n + 1) - 1), 3}, with, [n, make](sampler& samples, int threads) {
        auto run = make(threads);
        samples.time([&] { return run(n); }, value(n));
    });
}

} // namespace hocket_bench::fib_problem
