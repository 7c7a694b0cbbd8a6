// SPDX-License-Identifier: MIT
// Long items by tbb::parallel_for over the indexes, and by tbb::parallel_pipeline.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>

namespace hocket_bench::long_map_problem {
namespace {

[[maybe_unused]] bool const maps = add_maps(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](items const& from, auto const& f) {
        items made(from.size());
        tbb::parallel_for(std::size_t{0}, from.size(), [&](std::size_t i) { made[i] = f(from[i]); });
        return made;
    };
});

[[maybe_unused]] bool const stream = add_stream(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](numbers& from, auto const& f, std::size_t count) {
        auto next = from.begin();
        items made;
        using mode = tbb::filter_mode;
        tbb::parallel_pipeline(lookahead, tbb::make_filter<void, std::uint64_t>(mode::serial_in_order,
                                                                                [&](tbb::flow_control& control) {
                                                                                    if (from.read() == count)
                                                                                        control.stop();
                                                                                    std::uint64_t const x = *next;
                                                                                    ++next;
                                                                                    return x;
                                                                                }) &
                                              tbb::make_filter<std::uint64_t, std::uint64_t>(mode::parallel, f) &
                                              tbb::make_filter<std::uint64_t, void>(
                                                  mode::serial_in_order, [&](std::uint64_t x) { made.push_back(x); }));
        return made;
    };
});

} // namespace
} // namespace hocket_bench::long_map_problem
