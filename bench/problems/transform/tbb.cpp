// SPDX-License-Identifier: MIT
// Roots by tbb::parallel_for over the indexes.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>

namespace hocket_bench::transform_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](numbers const& from) {
        numbers made(from.size());
        tbb::parallel_for(std::size_t{0}, from.size(), [&](std::size_t i) { made[i] = root(from[i]); });
        return made;
    };
});

} // namespace
} // namespace hocket_bench::transform_problem
