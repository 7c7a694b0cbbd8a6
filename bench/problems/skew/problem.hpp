// SPDX-License-Identifier: MIT
// Two loops whose iterations cost very different amounts. In one, iteration i takes i times as long as the first (9.1
// ms in all). In the other, 64 neighbouring iterations of 8,192 take four fifths of the 4.3 ms. The unit is
// microseconds a loop.
#pragma once

#include "../measure.hpp"
#include "../work.hpp"

#include <vector>

namespace hocket_bench::skew_problem {

struct linear {
    static constexpr char const* name = "skew_linear";
    static constexpr int n = 2000;
    static std::uint64_t steps(int i) { return std::uint64_t(i) * 42 / 10; }
};

struct heavy_block {
    static constexpr char const* name = "skew_heavy";
    static constexpr int n = 8192;
    static constexpr int first = 2500;
    static std::uint64_t steps(int i) { return i >= first && i < first + 64 ? 50'000 : 92; }
};

/// `make(threads)` makes the loop: a callable that takes n and a body.
template<class Make>
bool add(library const& with, Make make) {
    auto const add_shape = [&](auto shape) {
        using skewed = decltype(shape);
        return add_row({skewed::name, 1000, 9}, with, [make](sampler& rows, int threads) {
            auto loop = make(threads);
            std::vector<std::uint64_t> expected(skewed::n);
            for (int i = 0; i < skewed::n; ++i) {
                expected[std::size_t(i)] = chain(std::uint64_t(i), skewed::steps(i));
            }
            std::vector<std::uint64_t> out(skewed::n);
            auto const once = [&] {
                loop(skewed::n, [&](int i) { out[std::size_t(i)] = chain(std::uint64_t(i), skewed::steps(i)); });
                return true;
            };
            rows.time_after([&] { std::fill(out.begin(), out.end(), 0); }, once, true);
            rows.check(out == expected);
        });
    };
    return add_shape(linear{}) && add_shape(heavy_block{});
}

} // namespace hocket_bench::skew_problem
