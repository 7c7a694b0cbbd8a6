// SPDX-License-Identifier: MIT
// Skynet by a tbb::task_group per inner node.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/task_group.h>

#include <array>
#include <numeric>

namespace hocket_bench::skynet_problem {
namespace {

std::int64_t skynet(std::int64_t first, std::int64_t size) {
    if (size == 1) {
        conceal(first);
        return first;
    }
    std::array<std::int64_t, 10> sums{};
    tbb::task_group group;
    for (std::size_t child = 1; child < 10; ++child) {
        group.run([&sums, child, first, size] {
            sums[child] = skynet(first + std::int64_t(child) * (size / 10), size / 10);
        });
    }
    sums[0] = skynet(first, size / 10);
    group.wait();
    return std::accumulate(sums.begin(), sums.end(), std::int64_t{0});
}

[[maybe_unused]] bool const rows = add(
    by_tbb, [](int threads) { return [limit = limit_tbb(threads)](std::int64_t size) { return skynet(0, size); }; });

} // namespace
} // namespace hocket_bench::skynet_problem
