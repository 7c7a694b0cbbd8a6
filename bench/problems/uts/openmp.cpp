// SPDX-License-Identifier: MIT
// Unbalanced tree search by an OpenMP task for each child.
#include "../openmp_team.hpp"
#include "problem.hpp"

#include <vector>

namespace hocket_bench::uts_problem {
namespace {

template<class Tree>
std::int64_t count(node const& at) {
    int const children = Tree::children(at);
    std::vector<std::int64_t> below(std::size_t(children), 0);
    auto* const nodes = below.data();
    auto const* const parent = &at;
    for (int child = 0; child < children; ++child) {
#pragma omp task firstprivate(nodes, parent, child)
        nodes[child] = count<Tree>(child_of(*parent, child));
    }
#pragma omp taskwait
    std::int64_t sum = 1;
    for (auto const some : below) {
        sum += some;
    }
    return sum;
}

[[maybe_unused]] bool const rows = add(by_openmp, [](int threads, auto tree) {
    using searched = decltype(tree);
    return [threads] { return openmp_root(threads, [] { return count<searched>(searched::root()); }); };
});

} // namespace
} // namespace hocket_bench::uts_problem
