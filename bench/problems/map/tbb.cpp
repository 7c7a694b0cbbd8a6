// SPDX-License-Identifier: MIT
// map by tbb::parallel_for over the indexes.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>

namespace hocket_bench::map_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) {
    auto const into = [limit = limit_tbb(threads)](items const& from, items& to) {
        tbb::parallel_for(std::size_t{0}, from.size(), [&](std::size_t i) { to[i] = mapped(from[i]); });
    };
    return std::pair(
        [into](items const& from) {
            items made(from.size());
            into(from, made);
            return made;
        },
        into);
});

} // namespace
} // namespace hocket_bench::map_problem
