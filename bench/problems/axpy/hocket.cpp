// SPDX-License-Identifier: MIT
// axpy by hocket::parallel_for.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>

namespace hocket_bench::axpy_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](int n, auto const& body) { hocket::parallel_for(*pool, 0, n, body); };
});

} // namespace
} // namespace hocket_bench::axpy_problem
