// SPDX-License-Identifier: MIT
// pipeline by tbb::parallel_pipeline.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_pipeline.h>

namespace hocket_bench::pipeline_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](shape const& s) {
        std::uint64_t next = 0;
        std::uint64_t checksum = 0;
        using mode = tbb::filter_mode;
        tbb::parallel_pipeline(
            tokens, tbb::make_filter<void, std::uint64_t>(mode::serial_in_order, [&](tbb::flow_control& control) {
                        if (next == s.items) control.stop();
                        return next++;
                    }) & tbb::make_filter<std::uint64_t, std::uint64_t>(mode::parallel, [&](std::uint64_t x) {
                        return chain(x, s.steps);
                    }) & tbb::make_filter<std::uint64_t, void>(mode::serial_in_order, [&](std::uint64_t x) {
                        checksum = added(checksum, x);
                    }));
        return checksum;
    };
});

} // namespace
} // namespace hocket_bench::pipeline_problem
