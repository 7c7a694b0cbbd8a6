// SPDX-License-Identifier: MIT
// The sum over a tree by tbb::parallel_invoke: the right child is spawned, the left one runs inline.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_invoke.h>

namespace hocket_bench::tree_problem {
namespace {

std::int64_t sum(node const* at) {
    if (at->left == nullptr || at->right == nullptr) {
        return at->value + (at->left != nullptr ? sum(at->left) : 0) + (at->right != nullptr ? sum(at->right) : 0);
    }
    std::int64_t a = 0;
    std::int64_t b = 0;
    tbb::parallel_invoke([&] { b = sum(at->right); }, [&] { a = sum(at->left); }); // the last one runs inline
    return at->value + a + b;
}

[[maybe_unused]] bool const rows = add<medium>(
    by_tbb, [](int threads) { return [limit = limit_tbb(threads)](node const* root) { return sum(root); }; });

} // namespace
} // namespace hocket_bench::tree_problem
