// SPDX-License-Identifier: MIT
// Spreads heat over a plate, step by step: a loop over two dimensions, in tiles that fit the caches.
// usage: heat [size [steps]]
#include <hocket/loop.hpp>
#include <hocket/map.hpp>
#include <hocket/reduce.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

int main(int argc, char** argv) {
    std::size_t const n = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
    int const steps = argc > 2 ? std::atoi(argv[2]) : 100;

    std::vector<double> now(n * n);
    hocket::parallel_generate(now, [] { return 20.0; });
    hocket::parallel_for_chunks(hocket::index_range(std::size_t{0}, n), [&](hocket::index_range<std::size_t> rows) {
        for (std::size_t const y : rows) // a hot stripe from corner to corner
            for (std::size_t x = y < 10 ? 0 : y - 10; x < n && x < y + 10; ++x) now[y * n + x] = 500;
    });
    double const heat = hocket::parallel_reduce(now, 0.0, std::plus<>());

    std::vector<double> next = now;
    for (int step = 0; step < steps; ++step) {
        hocket::parallel_for(hocket::extents{n, n}, [&](std::size_t y, std::size_t x) {
            std::size_t const up = y == 0 ? y : y - 1, down = y + 1 == n ? y : y + 1;
            std::size_t const left = x == 0 ? x : x - 1, right = x + 1 == n ? x : x + 1;
            double const around = now[up * n + x] + now[down * n + x] + now[y * n + left] + now[y * n + right];
            next[y * n + x] = now[y * n + x] + 0.2 * (around - 4 * now[y * n + x]);
        });
        now.swap(next);
    }
    double const spread = hocket::parallel_reduce(now, 0.0, std::plus<>());
    std::printf("mean %.2f degrees before, %.2f after %d steps\n", heat / static_cast<double>(n * n),
                spread / static_cast<double>(n * n), steps);
    std::printf("corner %.2f, middle %.2f\n", now[n - 1], now[n / 2 * n + n / 2]);
    return std::abs(spread - heat) < 1e-6 * heat ? 0 : 1; // the plate loses no heat
}
