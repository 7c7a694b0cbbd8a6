// SPDX-License-Identifier: MIT
// A loop whose body takes about half a nanosecond and which no compiler vectorises, with a million iterations and with
// 20,000. The unit is microseconds a loop.
#pragma once

#include "../measure.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace hocket_bench::fine_loop_problem {

/// The body for one index. Its two multiplications take two cycles, in which the loop around it has room.
inline std::uint32_t mix(std::uint32_t i) {
    std::uint32_t x = i * 0x9e3779b9U;
    asm("" : "+r"(x));
    x = (x ^ (x >> 15)) * 0x85ebca6bU;
    return x ^ (x >> 13);
}

/// `make(threads)` makes the loop: a callable that takes n and a body.
template<class Make>
bool add(library const& with, Make make) {
    struct shape {
        char const* name;
        int n;
        int calls;
    };
    for (auto const& one : {shape{"fine_1e6", 1'000'000, 1}, shape{"fine_2e4", 20'000, 50}}) {
        int const n = one.n;
        int const calls = one.calls;
        add_row({one.name, 1000.0 * calls, 25}, with, [=](sampler& rows, int threads) {
            auto loop = make(threads);
            std::vector<std::uint32_t> expected(std::size_t(n), 0);
            for (std::size_t i = 0; i < expected.size(); ++i) {
                expected[i] = mix(std::uint32_t(i));
            }
            std::vector<std::uint32_t> out(expected.size());
            auto* const to = out.data();
            auto const many = [&] {
                for (int call = 0; call < calls; ++call) {
                    loop(n, [to](int i) { to[i] = mix(std::uint32_t(i)); });
                }
                return true;
            };
            rows.time_after([&] { std::fill(out.begin(), out.end(), 0); }, many, true);
            rows.check(out == expected);
        });
    }
    return true;
}

} // namespace hocket_bench::fine_loop_problem
