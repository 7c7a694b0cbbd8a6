// SPDX-License-Identifier: MIT
// Long items by an OpenMP loop over the indexes.
#include "problem.hpp"

namespace hocket_bench::long_map_problem {
namespace {

[[maybe_unused]] bool const maps = add_maps(by_openmp, [](int threads) {
    return [threads](items const& from, auto const& f) {
        items made(from.size());
#pragma omp parallel for num_threads(threads) schedule(dynamic)
        for (std::size_t i = 0; i < from.size(); ++i) {
            made[i] = f(from[i]);
        }
        return made;
    };
});

} // namespace
} // namespace hocket_bench::long_map_problem
