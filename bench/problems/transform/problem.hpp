// SPDX-License-Identifier: MIT
// The square roots of ten million doubles, in a new vector, whose memory was never touched. The unit is milliseconds.
#pragma once

#include "../measure.hpp"

#include <cmath>
#include <vector>

namespace hocket_bench::transform_problem {

using numbers = std::vector<double>;

inline numbers const& input() {
    static numbers const it = [] {
        numbers made(10'000'000);
        for (std::size_t i = 0; i < made.size(); ++i) {
            made[i] = double(i);
        }
        return made;
    }();
    return it;
}

inline constexpr auto root = [](double x) { return std::sqrt(x); };

/// `make(threads)` makes a function from the numbers to a new vector of their roots.
template<class Make>
bool add(library const& with, Make make) {
    return add_row({"transform", 1e6, 7}, with, [make](sampler& rows, int threads) {
        auto run = make(threads);
        numbers made;
        auto const once = [&] {
            made = run(input());
            return true;
        };
        rows.time_after([&] { made = numbers(); }, once, true);
        bool right = made.size() == input().size();
        for (std::size_t i = 0; right && i < made.size(); ++i) {
            right = made[i] == root(input()[i]);
        }
        rows.check(right);
    });
}

} // namespace hocket_bench::transform_problem
