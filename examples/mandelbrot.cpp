// SPDX-License-Identifier: MIT
// Draws the Mandelbrot set into a picture. The rows are very unequal work: rows through the set take a hundred times as
// long as rows beside it, and the loop needs no hint.
// usage: mandelbrot [height [file.ppm]]
#include <hocket/hocket.hpp>

#include <chrono>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct pixel {
    unsigned char red, green, blue;
    bool operator==(pixel const&) const = default;
};

constexpr int most_steps = 1000;

/// Returns the number of steps for which the point stays near zero.
int steps_of(double x, double y) {
    double a = 0, b = 0;
    int steps = 0;
    for (; steps < most_steps && a * a + b * b < 4; ++steps) {
        double const next = a * a - b * b + x;
        b = 2 * a * b + y;
        a = next;
    }
    return steps;
}

struct picture {
    explicit picture(int rows) : height(rows), width(rows * 3 / 2), pixels(static_cast<std::size_t>(width * height)) {}

    void draw_row(int row) {
        for (int column = 0; column < width; ++column) {
            int const steps = steps_of(3.0 * column / width - 2.25, 2.5 * row / height - 0.5);
            auto const shade = static_cast<unsigned char>(steps == most_steps ? 0 : 255 - steps * 6 % 256);
            pixels[static_cast<std::size_t>(row * width + column)] = {shade, static_cast<unsigned char>(shade / 2), 99};
        }
    }

    int height, width;
    std::vector<pixel> pixels;
};

template<class Draw>
double seconds_for(Draw const& draw) {
    auto const start = std::chrono::steady_clock::now();
    draw();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

int main(int argc, char** argv) {
    int const height = argc > 1 ? std::atoi(argv[1]) : 800;
    std::string const file = argc > 2 ? argv[2] : "mandelbrot.ppm";

    picture by_loop(height);
    double const serial = seconds_for([&] {
        for (int row = 0; row < height; ++row) by_loop.draw_row(row);
    });
    picture drawn(height);
    double const parallel =
        seconds_for([&] { hocket::parallel_for(0, height, [&](int row) { drawn.draw_row(row); }); });

    std::ofstream out(file, std::ios::binary);
    out << "P6 " << drawn.width << ' ' << height << " 255\n";
    out.write(reinterpret_cast<char const*>(drawn.pixels.data()),
              static_cast<std::streamsize>(3 * drawn.pixels.size()));
    std::printf("%s: %d x %d\n", file.c_str(), drawn.width, height);
    std::printf("serial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", serial, parallel, serial / parallel);
    return out.good() && drawn.pixels == by_loop.pixels ? 0 : 1;
}
