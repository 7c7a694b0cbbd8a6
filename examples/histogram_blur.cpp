// SPDX-License-Identifier: MIT
// Draws a grey picture, blurs it, and draws the histograms of both: the blur takes the grain out.
// usage: histogram_blur [size]      writes picture.ppm, blurred.ppm and histogram.ppm
#include <hocket/hocket.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

struct picture {
    picture(int w, int h) : width(w), height(h), grey(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
    unsigned char& at(int x, int y) { return grey[static_cast<std::size_t>(y * width + x)]; }
    int width, height;
    std::vector<unsigned char> grey;
};

/// Draws two rings of light, with grain.
picture drawn(int size) {
    picture made(size, size);
    hocket::parallel_for(0, size, [&](int y) {
        for (int x = 0; x < size; ++x) {
            double const far = std::hypot(x - size / 2.0, y - size / 2.0) / size;
            unsigned const grain = (static_cast<unsigned>(y * size + x) * 2654435761U >> 26) % 64;
            made.at(x, y) = static_cast<unsigned char>((std::fmod(far * 4, 1.0) < 0.5 ? 160 : 30) + grain);
        }
    });
    return made;
}

/// Returns the mean of the square around each pixel.
picture blurred(picture& from, int radius) {
    picture made(from.width, from.height);
    hocket::parallel_for(0, from.height, [&](int y) {
        for (int x = 0; x < from.width; ++x) {
            int sum = 0, count = 0;
            for (int v = std::max(0, y - radius); v <= std::min(from.height - 1, y + radius); ++v)
                for (int u = std::max(0, x - radius); u <= std::min(from.width - 1, x + radius); ++u, ++count)
                    sum += from.at(u, v);
            made.at(x, y) = static_cast<unsigned char>(sum / count);
        }
    });
    return made;
}

/// Draws bars of white on black, the first histogram above the second.
picture bars(std::vector<std::size_t> const& above, std::vector<std::size_t> const& below) {
    picture made(256, 201);
    auto const draw = [&](std::vector<std::size_t> const& counts, int bottom) {
        std::size_t const most = *std::max_element(counts.begin(), counts.end());
        hocket::parallel_for(0, 256, [&](int x) {
            int const tall = static_cast<int>(counts[static_cast<std::size_t>(x)] * 99 / most);
            for (int y = 0; y < tall; ++y) made.at(x, bottom - y) = 255;
        });
    };
    draw(above, 99), draw(below, 200);
    return made;
}

void save(picture const& p, std::string const& file) {
    std::ofstream out(file, std::ios::binary);
    out << "P6 " << p.width << ' ' << p.height << " 255\n";
    for (unsigned char const grey : p.grey)
        for (int colour = 0; colour < 3; ++colour) out.put(static_cast<char>(grey));
    std::printf("%s: %d x %d\n", file.c_str(), p.width, p.height);
}

int main(int argc, char** argv) {
    picture sharp = drawn(argc > 1 ? std::atoi(argv[1]) : 1000), soft = blurred(sharp, 4);
    auto const before = hocket::parallel_histogram(sharp.grey, 256), after = hocket::parallel_histogram(soft.grey, 256);
    save(sharp, "picture.ppm"), save(soft, "blurred.ppm");
    save(bars(before, after), "histogram.ppm");
    std::vector<std::size_t> expected(256);
    for (unsigned char const grey : sharp.grey) ++expected[grey];
    return before == expected ? 0 : 1;
}
