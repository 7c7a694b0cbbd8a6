// SPDX-License-Identifier: MIT
// Finds the eight colours that represent a picture best, by k-means: each step is one reduction over the rows.
// usage: kmeans [height]      writes kmeans.ppm: a sunset, its right half in the eight colours alone
#include <hocket/hocket.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <numeric>
#include <valarray>
#include <vector>

using colour = std::array<unsigned char, 3>;
using palette = std::array<colour, 8>;
using row = std::vector<colour>;
using totals = std::valarray<long>; // of the pixels of each colour: red, green, blue, and their number

/// Draws a row of the sun above the sea, with grain.
row drawn(int y, int height) {
    int const down = y * 256 / height, light = down < 160 ? down : 320 - down;
    return hocket::parallel_map(0, height * 3 / 2, [=](int x) {
        int const aside = x * 256 / height - 192, above = down - 130, grain = (x * 7919 + y * 40503) / 64 % 16;
        bool const sun = down < 160 ? aside * aside + above * above < 2500 : y % 7 * 9 > std::abs(aside);
        auto const part = [=](int c) { return static_cast<unsigned char>(c + grain); };
        return sun ? colour{part(238), part(210), part(down / 2)}
                   : colour{part(40 + light), part(light * 2 / 3), part(150 - light / 2)};
    });
}

std::size_t nearest(palette const& to, colour c) {
    std::size_t best = 0;
    for (std::size_t i = 0, least = ~best; i < to.size(); ++i) {
        int const red = c[0] - to[i][0], green = c[1] - to[i][1], blue = c[2] - to[i][2];
        auto const far = static_cast<std::size_t>(red * red + green * green + blue * blue);
        if (far < least) least = far, best = i;
    }
    return best;
}

/// Thirty times, replaces each colour by the mean of the pixels that are nearest to it.
double seconds_to_find(palette& colours, std::vector<row> const& rows, bool serially) {
    auto const start = std::chrono::steady_clock::now();
    auto const totals_of = [&](row const& pixels) {
        totals sums(32);
        for (colour const c : pixels)
            for (std::size_t i = nearest(colours, c) * 4, p = 0; p < 4; ++p) sums[i + p] += p < 3 ? c[p] : 1;
        return sums;
    };
    for (int round = 0; round < 30; ++round) {
        totals const sums =
            serially ? std::transform_reduce(rows.begin(), rows.end(), totals(32), std::plus<totals>(), totals_of)
                     : hocket::parallel_transform_reduce(rows, totals(32), std::plus<totals>(), totals_of);
        for (std::size_t i = 0; i < 32; ++i)
            if (long const count = sums[i | 3]; count != 0 && i % 4 < 3)
                colours[i / 4][i % 4] = static_cast<unsigned char>(sums[i] / count);
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int main(int argc, char** argv) {
    int const height = argc > 1 ? std::atoi(argv[1]) : 600;
    auto rows = hocket::parallel_map(0, height, [=](int y) { return drawn(y, height); });
    palette by_loop{}, by_all{};
    for (std::size_t i = 0; i < 8; ++i) by_loop[i] = by_all[i] = rows[rows.size() * i / 8][rows.size() * i / 6];
    double const serial = seconds_to_find(by_loop, rows, true), parallel = seconds_to_find(by_all, rows, false);
    hocket::parallel_for(rows, [&](row& pixels) {
        for (std::size_t x = pixels.size() / 2; x < pixels.size(); ++x) pixels[x] = by_all[nearest(by_all, pixels[x])];
    });
    std::ofstream out("kmeans.ppm", std::ios::binary);
    out << "P6 " << rows[0].size() << ' ' << rows.size() << " 255\n";
    for (row const& pixels : rows) out.write(reinterpret_cast<char const*>(pixels.data()), std::ssize(pixels) * 3);
    std::printf("kmeans.ppm: %zu x %zu in", rows[0].size(), rows.size());
    for (colour const c : by_all) std::printf(" %02x%02x%02x", c[0], c[1], c[2]);
    std::printf("\nserial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", serial, parallel, serial / parallel);
    return out.good() && by_all == by_loop ? 0 : 1;
}
