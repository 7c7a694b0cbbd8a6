// SPDX-License-Identifier: MIT
// y = a x + y over ten million doubles: 240 MB of memory traffic and nothing else. The unit is milliseconds a loop.
#pragma once

#include "../measure.hpp"

#include <vector>

namespace hocket_bench::axpy_problem {

inline constexpr int n = 10'000'000;

/// `make(threads)` makes the loop: a callable that takes n and a body.
template<class Make>
bool add(library const& with, Make make) {
    return add_row({"axpy", 1e6, 7}, with, [make](sampler& rows, int threads) {
        auto loop = make(threads);
        std::vector<double> x(n);
        std::vector<double> y(n);
        loop(n, [&](int i) { // the first touch decides where memory lies
            x[std::size_t(i)] = i % 1000;
            y[std::size_t(i)] = 1;
        });
        double const a = 2;
        double calls = 0;
        auto const once = [&] {
            auto const* const from = x.data();
            auto* const to = y.data();
            loop(n, [=](int i) { to[i] = a * from[i] + to[i]; });
            ++calls;
            return true;
        };
        rows.time(once, true);
        bool right = true;
        for (int i = 0; i < n; ++i) { // small integers: exact
            right = right && y[std::size_t(i)] == 1 + calls * a * (i % 1000);
        }
        rows.check(right);
    });
}

} // namespace hocket_bench::axpy_problem
