// SPDX-License-Identifier: MIT
// Grouping of numbers by a key: ten million with 1,024 keys, a million with a hundred thousand. The keys come in the
// order in which they first appear, and the numbers of each key in their order. The unit is milliseconds.
#pragma once

#include "../measure.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace hocket_bench::group_by_problem {

using values = std::vector<std::uint64_t>;
using groups = std::vector<std::pair<std::uint32_t, values>>;

inline values input(std::size_t n) {
    values made(n);
    std::uint64_t x = 1;
    for (auto& value : made) {
        x = x * 6364136223846793005U + 1442695040888963407U;
        value = x;
    }
    return made;
}

/// Returns a function from a number to one of `keys` keys.
inline auto key_by(std::uint32_t keys) {
    return [keys](std::uint64_t x) { return static_cast<std::uint32_t>((x >> 32) * keys >> 32); };
}

template<class Key>
groups grouped(values const& all, Key const& key) {
    groups made;
    std::unordered_map<std::uint32_t, std::size_t> places;
    for (auto const value : all) {
        auto const [place, is_new] = places.try_emplace(key(value), made.size());
        if (is_new) made.push_back({place->first, {}});
        made[place->second].second.push_back(value);
    }
    return made;
}

/// `make(threads)` makes a function from numbers and their key function to the groups.
template<class Make>
bool add(library const& with, Make make) {
    auto const measure = [make](std::size_t n, std::uint32_t keys) {
        return [make, n, keys](sampler& rows, int threads) {
            auto run = make(threads);
            values const all = input(n);
            rows.time([&] { return run(all, key_by(keys)); }, grouped(all, key_by(keys)));
        };
    };
    add_row({"group_by_1024", 1e6, 3}, with, measure(10'000'000, 1024));
    return add_row({"group_by_1e5", 1e6, 5}, with, measure(1'000'000, 100'000));
}

} // namespace hocket_bench::group_by_problem
