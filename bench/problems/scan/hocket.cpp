// SPDX-License-Identifier: MIT
// Partial sums by hocket::parallel_inclusive_scan, and a parallel copy of as many bytes, which shows the limit of
// memory.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_for_chunks.hpp>
#include <hocket/algorithm/scan/parallel_scan.hpp>

#include <cstring>
#include <functional>

namespace hocket_bench::scan_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    auto pool = make_pool(threads);
    return [pool](auto const& in, auto& out) { hocket::parallel_inclusive_scan(*pool, in, out, std::plus<>()); };
});

[[maybe_unused]] bool const copies = add_row({"scan_int_copy", 1e6, 9}, by_hocket, [](sampler& samples, int threads) {
    auto pool = make_pool(threads);
    arrays<int> all(25'000'000);
    auto const once = [&] {
        hocket::parallel_for_chunks(*pool, hocket::index_range(std::size_t{0}, all.in.size()), [&](auto chunk) {
            std::memcpy(all.out.data() + chunk.first(), all.in.data() + chunk.first(), chunk.size() * sizeof(int));
        });
        return true;
    };
    samples.time(once, true);
    samples.check(all.out == all.in);
});

} // namespace
} // namespace hocket_bench::scan_problem
