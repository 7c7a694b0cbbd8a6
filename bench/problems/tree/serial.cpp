// SPDX-License-Identifier: MIT
// The sum over a tree by plain recursion, one call a node: a compiler that inlines several levels makes it 0.6x.
#include "problem.hpp"

namespace hocket_bench::tree_problem {
namespace {

[[gnu::noinline]] std::int64_t sum(node const* at) {
    return at->value + (at->left != nullptr ? sum(at->left) : 0) + (at->right != nullptr ? sum(at->right) : 0);
}

[[maybe_unused]] bool const rows = add<large>(serially, [](int) { return sum; });

} // namespace
} // namespace hocket_bench::tree_problem
