// SPDX-License-Identifier: MIT
// Shared support of the tests of sorts: inputs of many patterns, elements of many kinds, comparators that fail.
#pragma once

#include "../../stress/watchdog.hpp"
#include "algorithm_support.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace sort_test {

using algorithm_test::failure_at;
using algorithm_test::pools;

inline constexpr std::array patterns = {"random", "sorted",     "reversed",   "equal",    "two values", "few values",
                                        "pipe",   "almost",     "tail",       "sawtooth", "two parts",  "outliers",
                                        "powers", "descending", "neighbours", "zipf"};

/// Returns numbers from 0 to 2^32 in the order that the pattern is named for.
inline std::vector<std::uint32_t> pattern(std::size_t which, std::size_t n, unsigned seed = 1) {
    std::mt19937 dice(seed);
    std::vector<std::uint32_t> v(n);
    auto const last = static_cast<std::uint32_t>(n);
    for (std::uint32_t i = 0; i < last; ++i) {
        std::uint32_t const up = 5 * i, down = 5 * (last - i), any = static_cast<std::uint32_t>(dice());
        std::array const numbers = {any,
                                    up,
                                    down,
                                    std::uint32_t{7},
                                    any % 2,
                                    any % 16,
                                    std::min(up, down),
                                    up,
                                    i < last - last / 50 ? up : any,
                                    i % 97,
                                    i < last / 2 ? up : 5 * (i - last / 2) + 2,
                                    any % 1000 == 0 ? any : any % 3 + 1'000'000,
                                    std::uint32_t{1} << (any % 32),
                                    down / 30,
                                    i ^ 1U,
                                    static_cast<std::uint32_t>(last / (any % last + 1))};
        v[i] = numbers[which];
    }
    if (std::string(patterns[which]) == "almost")
        for (std::size_t i = 0; i < n / 100 + 1 && n > 1; ++i) std::swap(v[dice() % n], v[dice() % n]);
    return v;
}

/// Returns sizes around the thresholds of the sorts.
inline std::vector<std::size_t> large_sizes() {
    if (stress_test::sanitized) return {4097, 40'000};
    return {1023, 1024, 4095, 4096, 8193, 32'767, 32'768, 140'000};
}

struct item {
    std::int32_t key;
    std::uint32_t place;
    friend bool operator==(item const&, item const&) = default;
};

/// An element that is too large to be copied about.
struct bulky {
    std::int64_t key;
    std::uint32_t place;
    std::array<char, 244> rest;
    friend bool operator==(bulky const& a, bulky const& b) { return a.key == b.key && a.place == b.place; }
};

/// Makes a T from a number and a place; T is compared by `key_of`.
template<class T>
T made(std::uint32_t number, std::uint32_t place);
template<>
inline item made(std::uint32_t number, std::uint32_t place) {
    return {static_cast<std::int32_t>(number), place};
}
template<>
inline bulky made(std::uint32_t number, std::uint32_t place) {
    return {static_cast<std::int64_t>(number) - 1'000'000, place, {}};
}
template<>
inline std::string made(std::uint32_t number, std::uint32_t place) {
    return std::to_string(number) + (place % 3 == 0 ? " and so long that it lies elsewhere" : "");
}

template<class T>
std::vector<T> many(std::size_t which, std::size_t n, unsigned seed = 1) {
    std::vector<T> result;
    std::uint32_t place = 0;
    for (std::uint32_t const number : pattern(which, n, seed)) result.push_back(made<T>(number, place++));
    return result;
}

/// A `<` that throws in its `calls`-th call.
struct failing_less {
    std::atomic<long>* calls;
    template<class T>
    bool operator()(T const& a, T const& b) const {
        if (calls->fetch_sub(1, std::memory_order_relaxed) == 1) throw failure_at(0);
        return a < b;
    }
};

/// Orders items by their keys alone.
inline constexpr auto by_key = [](auto const& a, auto const& b) { return a.key < b.key; };

/// Callables whose types the tests share. Each type of a comparator or of a projection makes another sort, which takes
/// the compiler 2 s.
template<class T>
using any_order = std::function<bool(T const&, T const&)>;
using any_key = std::function<std::int32_t(item const&)>;

/// An order of which the sort does not know that it is that of the numbers.
inline constexpr auto opaque_less = [](std::uint32_t a, std::uint32_t b) { return a < b; };

} // namespace sort_test
