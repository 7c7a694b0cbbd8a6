// SPDX-License-Identifier: MIT
// Unbalanced tree search by plain recursion.
#include "problem.hpp"

namespace hocket_bench::uts_problem {
namespace {

template<class Tree>
std::int64_t count(node const& at) {
    std::int64_t nodes = 1;
    int const children = Tree::children(at);
    for (int child = 0; child < children; ++child) {
        nodes += count<Tree>(child_of(at, child));
    }
    return nodes;
}

[[maybe_unused]] bool const rows =
    add(serially, [](int, auto tree) { return [] { return count<decltype(tree)>(decltype(tree)::root()); }; });

} // namespace
} // namespace hocket_bench::uts_problem
