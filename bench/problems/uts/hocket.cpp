// SPDX-License-Identifier: MIT
// Unbalanced tree search by hocket::join over halves of the children.
#include "../hocket_pool.hpp"
#include "problem.hpp"

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
    auto const [a, b] = hocket::join([&parent, first, middle] { return count_children<Tree>(parent, first, middle); },
                                     [&parent, middle, last] { return count_children<Tree>(parent, middle, last); });
    return a + b;
}

template<class Tree>
std::int64_t count(node const& at) {
    int const children = Tree::children(at);
    return children == 0 ? 1 : 1 + count_children<Tree>(at, 0, children);
}

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads, auto tree) {
    using searched = decltype(tree);
    return [pool = make_pool(threads)] { return on(*pool, [] { return count<searched>(searched::root()); }); };
});

} // namespace
} // namespace hocket_bench::uts_problem
