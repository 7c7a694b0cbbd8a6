// SPDX-License-Identifier: MIT
// Roots by an OpenMP loop over the indexes.
#include "problem.hpp"

namespace hocket_bench::transform_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads) {
    return [threads](numbers const& from) {
        numbers made(from.size());
#pragma omp parallel for num_threads(threads) schedule(static)
        for (std::size_t i = 0; i < from.size(); ++i) {
            made[i] = root(from[i]);
        }
        return made;
    };
});

} // namespace
} // namespace hocket_bench::transform_problem
