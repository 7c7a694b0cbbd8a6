// SPDX-License-Identifier: MIT
// A search in ten million 64-bit integers, with the hit at 1 %, at 50 % and nowhere. The unit is microseconds.
#pragma once

#include "../measure.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket_bench::find_problem {

using values = std::vector<std::uint64_t>;

inline constexpr std::size_t size = 10'000'000;

/// Returns even numbers, and one odd number at `hit`.
inline values input(std::size_t hit) {
    values made(size);
    for (std::size_t i = 0; i < size; ++i) {
        made[i] = i * 0x9e3779b97f4a7c15U * 2;
    }
    if (hit < size) {
        made[hit] = 7;
    }
    return made;
}

inline constexpr auto is_hit = [](std::uint64_t x) { return x == 7; };

/// `make(threads)` makes a function from the values to the position of the first hit.
template<class Make>
bool add(library const& with, Make make) {
    struct place {
        char const* name;
        std::size_t hit;
    };
    for (place const where : {place{"find_1", size / 100}, place{"find_50", size / 2}, place{"find_none", size}}) {
        add_row({where.name, 1e3, 9}, with, [make, hit = where.hit](sampler& rows, int threads) {
            auto find = make(threads);
            values const from = input(hit);
            rows.time([&] { return find(from); }, hit);
        });
    }
    return true;
}

} // namespace hocket_bench::find_problem
