// SPDX-License-Identifier: MIT
// A map of a million small items, once into a new vector and once into existing storage. The unit is microseconds.
#pragma once

#include "../measure.hpp"

#include <cstdint>
#include <vector>

namespace hocket_bench::map_problem {

using items = std::vector<std::uint64_t>;

inline items const& input() {
    static items const it = [] {
        items made(1'000'000);
        for (std::size_t i = 0; i < made.size(); ++i) {
            made[i] = i * 0x9e3779b97f4a7c15U;
        }
        return made;
    }();
    return it;
}

/// Maps one item in a few nanoseconds.
inline constexpr auto mapped = [](std::uint64_t x) {
    for (int round = 0; round < 3; ++round) {
        x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9U;
        asm("" : "+r"(x));
    }
    return x;
};

inline items const& output() {
    static items const it = [] {
        items made;
        for (auto const x : input()) {
            made.push_back(mapped(x));
        }
        return made;
    }();
    return it;
}

/// `make(threads)` makes a pair of functions: from the input to a new vector, and from the input into an existing one.
template<class Make>
bool add(library const& with, Make make) {
    add_row({"map_vector", 1e3, 9}, with, [make](sampler& rows, int threads) {
        auto run = make(threads).first;
        items made;
        auto const once = [&] {
            made = run(input());
            return true;
        };
        rows.time_after([&] { made = items(); }, once, true);
        rows.check(made == output());
    });
    return add_row({"map_into", 1e3, 9}, with, [make](sampler& rows, int threads) {
        auto run = make(threads).second;
        items into(input().size());
        auto const once = [&] {
            run(input(), into);
            return true;
        };
        rows.time_after([&] { std::fill(into.begin(), into.end(), 0); }, once, true);
        rows.check(into == output());
    });
}

} // namespace hocket_bench::map_problem
