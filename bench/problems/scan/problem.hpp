// SPDX-License-Identifier: MIT
// The partial sums of ten million doubles and of 25 million ints. The numbers are small integers, so each grouping
// gives one answer. The unit is milliseconds.
#pragma once

#include "../measure.hpp"

#include <memory>
#include <vector>

namespace hocket_bench::scan_problem {

template<class T>
std::vector<T> numbers(std::size_t n) {
    std::vector<T> made(n);
    for (std::size_t i = 0; i < n; ++i) {
        made[i] = T(i % 8);
    }
    return made;
}

/// The input, and an output whose pages are already mapped.
template<class T>
struct arrays {
    explicit arrays(std::size_t n) : in(numbers<T>(n)), out(n) {}
    bool right() const {
        T sum = 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
            sum += in[i];
            if (out[i] != sum) {
                return false;
            }
        }
        return true;
    }
    std::vector<T> in;
    std::vector<T> out;
};

template<class T, class Run>
void measure(sampler& rows, std::size_t n, Run const& run) {
    arrays<T> all(n);
    auto const once = [&] {
        run(all.in, all.out);
        return true;
    };
    rows.time(once, true);
    rows.check(all.right());
}

/// `make(threads)` makes a function from an input to an output, of doubles and of ints.
template<class Make>
bool add(library const& with, Make make) {
    add_row({"scan_double", 1e6, 9}, with,
            [make](sampler& rows, int threads) { measure<double>(rows, 10'000'000, make(threads)); });
    return add_row({"scan_int", 1e6, 9}, with,
                   [make](sampler& rows, int threads) { measure<int>(rows, 25'000'000, make(threads)); });
}

} // namespace hocket_bench::scan_problem
