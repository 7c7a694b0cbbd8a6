// SPDX-License-Identifier: MIT
// The cost of launching a loop over a handful of indexes with an empty body. The loops run one after another, or each
// after a millisecond in which the caller was busy otherwise and the pool had nothing to do. The unit is loops. Another
// row is a loop over two bodies of 500 ns each, in which a second core has just enough to gain.
#pragma once

#include "../measure.hpp"
#include "../work.hpp"

#include <array>

namespace hocket_bench::launch_problem {

inline constexpr std::uint64_t half_microsecond = steps_per_microsecond / 2;

/// `make(threads)` makes the loop: a callable that takes n and a body.
template<class Make>
bool add(library const& with, Make make) {
    for (int const n : {2, 4, 8}) {
        auto const covers = [n](auto& loop) {
            std::array<int, 8> hits{};
            loop(n, [&](int i) { ++hits[std::size_t(i)]; });
            return std::count(hits.begin(), hits.end(), 1) == n && std::count(hits.begin(), hits.end(), 0) == 8 - n;
        };
        auto const nothing = [](int i) { conceal(i); };
        constexpr int calls = 2000;
        auto const hot = std::string("launch_hot_").append(std::to_string(n));
        auto const idle = std::string("launch_idle_").append(std::to_string(n));
        add_row({hot, calls, 15}, with, [=](sampler& rows, int threads) {
            auto loop = make(threads);
            auto const many = [&] {
                for (int i = 0; i < calls; ++i) {
                    loop(n, nothing);
                }
                return true;
            };
            rows.time_after([&] { rows.check(covers(loop)); }, many, true);
        });
        add_row({idle, 1, 60, 0.1}, with, [=](sampler& rows, int threads) {
            auto loop = make(threads);
            rows.check(covers(loop));
            auto const once = [&] {
                loop(n, nothing);
                return true;
            };
            rows.time_after([] { busy_for(std::chrono::milliseconds(1)); }, once, true);
        });
    }
    return add_row({"two_500ns", 1000, 9}, with, [make](sampler& rows, int threads) {
        auto loop = make(threads);
        auto const many = [&] {
            std::uint64_t sum = 0;
            for (int call = 0; call < 1000; ++call) {
                std::array<std::uint64_t, 2> out{};
                loop(2, [&](int i) { out[std::size_t(i)] = chain(std::uint64_t(i), half_microsecond); });
                sum += out[0] + out[1];
            }
            return sum;
        };
        rows.time(many, 1000 * (chain(0, half_microsecond) + chain(1, half_microsecond)));
    });
}

} // namespace hocket_bench::launch_problem
