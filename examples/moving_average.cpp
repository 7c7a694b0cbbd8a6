// SPDX-License-Identifier: MIT
// Smooths a long series of measurements by prefix sums: the mean of any number of neighbours is a difference of two.
// usage: moving_average [length [neighbours]]
#include <hocket/map.hpp>
#include <hocket/reduce.hpp>
#include <hocket/scan.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

int main(int argc, char** argv) {
    std::size_t const n = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
    std::size_t const width = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 101;

    std::vector<int> ticks(n);
    hocket::parallel_iota(ticks, 0);
    auto const measured = [](int tick) { return std::sin(tick * 1e-4) + (tick * 7919 % 101 - 50) * 0.01; };
    std::vector<double> const series = hocket::parallel_map(ticks, measured); // a slow wave, with noise

    std::vector<double> before(n), smooth(n);
    hocket::parallel_exclusive_scan(series, before, 0.0, std::plus<>()); // the sum of all elements before each one
    hocket::parallel_copy(series, smooth);                               // the ends stay as they are
    hocket::parallel_map(width / 2, n - width / 2 - 1, smooth.begin() + static_cast<std::ptrdiff_t>(width / 2),
                         [&](std::size_t i) {
                             return (before[i + width / 2 + 1] - before[i - width / 2]) / static_cast<double>(width);
                         });

    std::vector<double> roughness(n), highest(n);
    hocket::parallel_fill(roughness, 0.0);
    hocket::parallel_map(std::size_t{1}, n, roughness.begin() + 1,
                         [&](std::size_t i) { return std::abs(smooth[i] - smooth[i - 1]); });
    auto const greater = [](double a, double b) { return a < b ? b : a; };
    hocket::parallel_inclusive_scan(smooth, highest, greater); // the highest value up to each one
    double const total = hocket::parallel_reduce(roughness, 0.0, std::plus<>());
    std::printf("%zu measurements, smoothed over %zu: they change by %.3f in all, and reach %.3f\n", n, width, total,
                highest.back());
    double serial = 0;
    for (std::size_t i = 1; i < n; ++i) serial += std::abs(smooth[i] - smooth[i - 1]);
    return std::abs(serial - total) < 1e-6 * serial ? 0 : 1;
}
