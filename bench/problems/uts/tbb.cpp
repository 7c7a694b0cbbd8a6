// SPDX-License-Identifier: MIT
// Unbalanced tree search by tbb::parallel_invoke over halves of the children.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_invoke.h>

namespace hocket_bench::uts_problem {
namespace {

template<class Tree>
std::int64_t count(node const& at);

template<class Tree>
std::int64_t count_children(node const& parent, int first, int last) {
    if (last - first == 1) {
        return count<Tree>(child_of(parent, first));
    }
    int const middle = first + (last - first) / 2;
    std::int64_t a = 0;
    std::int64_t b = 0;
    tbb::parallel_invoke([&] { b = count_children<Tree>(parent, middle, last); },
                         [&] { a = count_children<Tree>(parent, first, middle); });
    return a + b;
}

template<class Tree>
std::int64_t count(node const& at) {
    int const children = Tree::children(at);
    return children == 0 ? 1 : 1 + count_children<Tree>(at, 0, children);
}

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads, auto tree) {
    using searched = decltype(tree);
    return [limit = limit_tbb(threads)] { return count<searched>(searched::root()); };
});

} // namespace
} // namespace hocket_bench::uts_problem
