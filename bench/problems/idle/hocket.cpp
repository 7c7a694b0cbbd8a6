// SPDX-License-Identifier: MIT
// Two halves by hocket::join.
#include "../hocket_pool.hpp"
#include "problem.hpp"

namespace hocket_bench::idle_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](auto const& f, auto const& g) { hocket::join(*pool, f, g); };
});

} // namespace
} // namespace hocket_bench::idle_problem
