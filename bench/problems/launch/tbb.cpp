// SPDX-License-Identifier: MIT
// Loops over a handful of indexes by tbb::parallel_for with its default partitioner.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>

namespace hocket_bench::launch_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](int n, auto const& body) { tbb::parallel_for(0, n, body); };
});

} // namespace
} // namespace hocket_bench::launch_problem
