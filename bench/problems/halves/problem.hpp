// SPDX-License-Identifier: MIT
// Two halves of 20 microseconds each, a millisecond after the last work of the pool. A parked thread takes longer than
// that to run, so a pool may only gain here if its workers are kept warm. The unit is microseconds.
#pragma once

#include "../measure.hpp"
#include "../work.hpp"

#include <array>

namespace hocket_bench::halves_problem {

inline constexpr std::uint64_t steps = 20 * steps_per_microsecond;

/// `make(threads)` makes the loop: a callable that takes n and a body.
template<class Make>
bool add(std::string name, library const& with, Make make) {
    return add_row({std::move(name), 1000, 60, 0.1}, with, [make](sampler& rows, int threads) {
        auto loop = make(threads);
        auto const both = [&] {
            std::array<std::uint64_t, 2> out{};
            loop(2, [&](int i) { out[std::size_t(i)] = chain(std::uint64_t(i), steps); });
            return out[0] ^ out[1];
        };
        rows.time_after([] { busy_for(std::chrono::milliseconds(1)); }, both, chain(0, steps) ^ chain(1, steps));
    });
}

} // namespace hocket_bench::halves_problem
