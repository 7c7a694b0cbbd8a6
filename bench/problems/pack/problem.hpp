// SPDX-License-Identifier: MIT
// A copy of a random half of ten million numbers: into existing storage, and into a new vector. The unit is
// milliseconds.
#pragma once

#include "../measure.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace hocket_bench::pack_problem {

using numbers = std::vector<std::uint64_t>;

inline numbers const& input() {
    static numbers const it = [] {
        numbers made(10'000'000);
        std::uint64_t x = 1;
        for (auto& number : made) {
            x = x * 6364136223846793005U + 1442695040888963407U;
            number = x >> 20;
        }
        return made;
    }();
    return it;
}

inline constexpr auto chosen = [](std::uint64_t x) { return (x >> 40 & 1) != 0; };

inline numbers const& output() {
    static numbers const it = [] {
        numbers made;
        for (auto const x : input()) {
            if (chosen(x)) {
                made.push_back(x);
            }
        }
        return made;
    }();
    return it;
}

/// `make(threads)` makes a pair of functions: into storage (returns the count), and to a new vector.
template<class Make>
bool add(library const& with, Make make) {
    add_row({"copy_if", 1e6, 9}, with, [make](sampler& rows, int threads) {
        auto run = make(threads).first;
        numbers into(input().size());
        rows.time([&] { return run(input(), into); }, output().size());
        into.resize(output().size());
        rows.check(into == output());
    });
    return add_row({"copy_if_vector", 1e6, 9}, with, [make](sampler& rows, int threads) {
        auto run = make(threads).second;
        numbers made;
        auto const once = [&] {
            made = run(input());
            return true;
        };
        rows.time_after([&] { made = numbers(); }, once, true);
        rows.check(made == output());
    });
}

} // namespace hocket_bench::pack_problem
