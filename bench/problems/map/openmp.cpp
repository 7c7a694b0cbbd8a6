// SPDX-License-Identifier: MIT
// map by an OpenMP loop over the indexes.
#include "problem.hpp"

namespace hocket_bench::map_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    auto const into = [threads](items const& from, items& to) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (std::size_t i = 0; i < from.size(); ++i) {
            to[i] = mapped(from[i]);
        }
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
