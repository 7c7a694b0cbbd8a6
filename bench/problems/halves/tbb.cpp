// SPDX-License-Identifier: MIT
// Two halves of 20 microseconds by tbb::parallel_for with its default partitioner.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>

namespace hocket_bench::halves_problem {
namespace {

[[maybe_unused]] bool const rows = add("halves", by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](int n, auto const& body) { tbb::parallel_for(0, n, body); };
});

} // namespace
} // namespace hocket_bench::halves_problem
