// SPDX-License-Identifier: MIT
// Starts algorithms as tasks and goes on meanwhile: each algorithm is an object, and async makes it a future.
// usage: background_sort [length]
#include <hocket/future.hpp>
#include <hocket/map.hpp>
#include <hocket/sort.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

int main(int argc, char** argv) {
    unsigned const n = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 1'000'000;
    auto const scattered = [](unsigned i) { return i * 2654435761U; };
    hocket::future<std::vector<unsigned>> numbers = hocket::map_async(0U, n, scattered);

    std::vector<unsigned> up = numbers.get(), down = up;
    hocket::future<void> const rising = hocket::async(hocket::parallel_sort, up);
    hocket::future<void> const falling = hocket::async(hocket::parallel_sort, down, std::greater<>());
    rising.wait();
    falling.wait();
    std::printf("%u numbers, from %u to %u\n", n, up.front(), down.front());
    return std::is_sorted(up.begin(), up.end()) && std::is_sorted(down.rbegin(), down.rend()) ? 0 : 1;
}
