// SPDX-License-Identifier: MIT
// Histograms: ten million keys into 1,024 and into a million buckets, a hundred million bytes into 256. The unit is
// milliseconds.
#pragma once

#include "../measure.hpp"

#include <cstdint>
#include <vector>

namespace hocket_bench::histogram_problem {

using counts = std::vector<std::size_t>;

template<class Key>
std::vector<Key> keys(std::size_t n, std::size_t buckets) {
    std::vector<Key> made(n);
    std::uint64_t x = 1;
    for (auto& key : made) {
        x = x * 6364136223846793005U + 1442695040888963407U;
        key = static_cast<Key>((x >> 32) * buckets >> 32);
    }
    return made;
}

template<class Key>
counts counted(std::vector<Key> const& all, std::size_t buckets) {
    counts made(buckets);
    for (auto const key : all) {
        ++made[key];
    }
    return made;
}

template<class Key, class Run>
void measure(sampler& rows, std::size_t n, std::size_t buckets, Run const& run) {
    auto const all = keys<Key>(n, buckets);
    auto const expected = counted(all, buckets);
    rows.time([&] { return run(all, buckets); }, expected);
}

/// `make(threads)` makes a function from keys and the number of buckets to the counts.
template<class Make>
bool add(library const& with, Make make) {
    add_row({"histogram_1024", 1e6, 9}, with,
            [make](sampler& rows, int threads) { measure<std::uint32_t>(rows, 10'000'000, 1024, make(threads)); });
    add_row({"histogram_1e6", 1e6, 9}, with,
            [make](sampler& rows, int threads) { measure<std::uint32_t>(rows, 10'000'000, 1'000'000, make(threads)); });
    return add_row({"histogram_bytes", 1e6, 5}, with, [make](sampler& rows, int threads) {
        measure<unsigned char>(rows, 100'000'000, 256, make(threads));
    });
}

} // namespace hocket_bench::histogram_problem
