// SPDX-License-Identifier: MIT
// A pipeline of three stages: numbers in order, work side by side, a checksum in order. Once the items take about 50
// ns, so that the pipeline itself is the cost; once they take 20 us. The unit is items.
#pragma once

#include "../measure.hpp"
#include "../work.hpp"

#include <cstdint>
#include <utility>

namespace hocket_bench::pipeline_problem {

inline constexpr std::size_t tokens = 16;

struct shape {
    std::uint64_t items;
    std::uint64_t steps;
};
inline constexpr shape fine{200'000, 46};
inline constexpr shape coarse{2'000, 20 * steps_per_microsecond};

/// Is the last stage, whose result depends on the order.
inline std::uint64_t added(std::uint64_t checksum, std::uint64_t x) { return checksum * 31 + x; }

inline std::uint64_t serial_answer(shape const& s) {
    std::uint64_t checksum = 0;
    for (std::uint64_t i = 0; i < s.items; ++i) checksum = added(checksum, chain(i, s.steps));
    return checksum;
}

/// `make(threads)` makes a function of a shape.
template<class Make>
bool add(library const& with, Make make) {
    auto const one = [&](char const* name, shape const& s) {
        return add_row({name, static_cast<double>(s.items), 9}, with, [make, &s](sampler& rows, int threads) {
            auto run = make(threads);
            static std::uint64_t const expected_fine = serial_answer(fine);
            static std::uint64_t const expected_coarse = serial_answer(coarse);
            std::uint64_t const expected = &s == &fine ? expected_fine : expected_coarse;
            rows.time([&] { return run(s); }, expected);
        });
    };
    bool const first = one("pipeline_fine", fine);
    return one("pipeline_coarse", coarse) && first;
}

} // namespace hocket_bench::pipeline_problem
