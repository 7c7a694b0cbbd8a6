// SPDX-License-Identifier: MIT
// Two halves by tbb::parallel_invoke.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_invoke.h>

namespace hocket_bench::idle_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](auto const& f, auto const& g) { tbb::parallel_invoke(f, g); };
});

} // namespace
} // namespace hocket_bench::idle_problem
