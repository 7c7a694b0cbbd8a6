// SPDX-License-Identifier: MIT
// Skynet by nine OpenMP tasks per inner node.
#include "../openmp_team.hpp"
#include "problem.hpp"

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
    for (std::size_t child = 1; child < 10; ++child) {
#pragma omp task shared(sums) firstprivate(child)
        sums[child] = skynet(first + std::int64_t(child) * (size / 10), size / 10);
    }
    sums[0] = skynet(first, size / 10);
#pragma omp taskwait
    return std::accumulate(sums.begin(), sums.end(), std::int64_t{0});
}

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return [threads](std::int64_t size) { return openmp_root(threads, [size] { return skynet(0, size); }); };
});

} // namespace
} // namespace hocket_bench::skynet_problem
