// SPDX-License-Identifier: MIT
// The sum over a tree by OpenMP tasks: the right child is a task, the left one runs inline.
#include "../openmp_team.hpp"
#include "problem.hpp"

namespace hocket_bench::tree_problem {
namespace {

std::int64_t sum(node const* at) {
    if (at->left == nullptr || at->right == nullptr) {
        return at->value + (at->left != nullptr ? sum(at->left) : 0) + (at->right != nullptr ? sum(at->right) : 0);
    }
    std::int64_t b = 0;
#pragma omp task shared(b)
    b = sum(at->right);
    std::int64_t const a = sum(at->left);
#pragma omp taskwait
    return at->value + a + b;
}

[[maybe_unused]] bool const rows = add<medium>(by_openmp, [](int threads) {
    return [threads](node const* root) { return openmp_root(threads, [root] { return sum(root); }); };
});

} // namespace
} // namespace hocket_bench::tree_problem
