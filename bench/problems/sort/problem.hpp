// SPDX-License-Identifier: MIT
// Sorts of ten million numbers, stable sorts of five million pairs of a key and a value, of a million strings; a merge
// of two halves and the median of ten million. The unit is milliseconds.
#pragma once

#include "../measure.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hocket_bench::sort_problem {

struct entry {
    std::uint64_t key;
    std::uint64_t value;
    friend bool operator==(entry const&, entry const&) = default;
};

inline constexpr std::size_t n = 10'000'000;

/// Comparators that no library can recognise.
inline constexpr auto opaque = [](auto const& a, auto const& b) { return a < b; };
inline constexpr auto by_key = [](entry const& a, entry const& b) { return a.key < b.key; };

template<class Number>
std::vector<Number> numbers() {
    std::mt19937_64 dice(1);
    std::vector<Number> v(n);
    for (Number& x : v) {
        x = static_cast<Number>(static_cast<std::int64_t>(dice()));
    }
    return v;
}

inline std::vector<std::uint64_t> almost_sorted() {
    std::mt19937_64 dice(2);
    std::vector<std::uint64_t> v(n);
    for (std::size_t i = 0; i < n; ++i) {
        v[i] = i;
    }
    for (std::size_t i = 0; i < n / 200; ++i) {
        std::swap(v[dice() % n], v[dice() % n]);
    }
    return v;
}

inline std::vector<std::uint64_t> few_values() {
    std::vector<std::uint64_t> v = numbers<std::uint64_t>();
    for (std::uint64_t& x : v) {
        x %= 16;
    }
    return v;
}

inline std::vector<std::uint64_t> pipe() {
    std::vector<std::uint64_t> v(n);
    for (std::size_t i = 0; i < n; ++i) {
        v[i] = std::min(i, n - i);
    }
    return v;
}

inline std::vector<entry> entries() {
    std::mt19937_64 dice(3);
    std::vector<entry> v(n / 2);
    for (std::size_t i = 0; i < v.size(); ++i) {
        v[i] = {dice() % 1'000'000, i};
    }
    return v;
}

inline std::vector<std::string> strings() {
    std::mt19937_64 dice(4);
    std::vector<std::string> v(n / 10);
    for (std::string& s : v) {
        s.resize(8 + dice() % 24);
        for (char& c : s) {
            c = static_cast<char>('a' + dice() % 26);
        }
    }
    return v;
}

/// Adds a row: `run` brings a copy of the input into the order of `std::stable_sort` by `less`.
template<class Input, class Less, class Run>
bool add_one(char const* name, library const& with, Input input, Less const& less, Run run) {
    return add_row({name, 1e6, 3}, with, [=](sampler& rows, int threads) {
        auto const unsorted = input();
        auto expected = unsorted;
        std::stable_sort(expected.begin(), expected.end(), less);
        auto v = unsorted;
        auto const sort = run(threads);
        auto const once = [&] {
            sort(v);
            return true;
        };
        rows.time_after([&] { v = unsorted; }, once, true);
        rows.check(v == expected);
    });
}

/// `make(threads)` makes an object with a `sort(v)` by `<`, and a `sort(v, less)`.
template<class Make>
bool add(library const& with, Make make) {
    auto const natural = [make](int threads) { return [by = make(threads)](auto& v) { by.sort(v); }; };
    auto const by_opaque = [make](int threads) { return [by = make(threads)](auto& v) { by.sort(v, opaque); }; };
    add_one("sort_uint64", with, numbers<std::uint64_t>, opaque, natural);
    add_one("sort_int", with, numbers<std::int32_t>, opaque, natural);
    add_one("sort_float", with, numbers<float>, opaque, natural);
    add_one("sort_double", with, numbers<double>, opaque, natural);
    add_one("sort_opaque", with, numbers<std::uint64_t>, opaque, by_opaque);
    add_one("sort_almost", with, almost_sorted, opaque, by_opaque);
    add_one("sort_few", with, few_values, opaque, by_opaque);
    add_one("sort_pipe", with, pipe, opaque, by_opaque);
    return add_one("sort_strings", with, strings, opaque, natural);
}

/// `make(threads)` makes an object with `stable(v, less)`, `stable_by_key(v)`, `merge(a, b, out)` and `median(v)`.
template<class Make>
bool add_others(library const& with, Make make) {
    add_one("stable_by_key", with, entries, by_key,
            [make](int threads) { return [by = make(threads)](auto& v) { by.stable_by_key(v); }; });
    add_one("stable_opaque", with, entries, by_key,
            [make](int threads) { return [by = make(threads)](auto& v) { by.stable(v, by_key); }; });
    add_row({"merge", 1e6, 7}, with, [make](sampler& rows, int threads) {
        std::vector<std::uint64_t> const all = numbers<std::uint64_t>();
        std::vector<std::uint64_t> a(all.begin(), all.begin() + n / 2), b(all.begin() + n / 2, all.end()), expected,
            out(n);
        std::sort(a.begin(), a.end());
        std::sort(b.begin(), b.end());
        std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(expected));
        auto const by = make(threads);
        auto const once = [&] {
            by.merge(a, b, out);
            return true;
        };
        rows.time(once, true);
        rows.check(out == expected);
    });
    return add_row({"median", 1e6, 7}, with, [make](sampler& rows, int threads) {
        std::vector<std::uint64_t> const unsorted = numbers<std::uint64_t>();
        std::vector<std::uint64_t> expected = unsorted, v;
        std::nth_element(expected.begin(), expected.begin() + n / 2, expected.end());
        auto const by = make(threads);
        rows.time_after([&] { v = unsorted; }, [&] { return by.median(v); }, expected[n / 2]);
    });
}

} // namespace hocket_bench::sort_problem
